from collections.abc import Iterable
from typing import NotRequired

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from imports.documents import (
    UNLISTED,
    FailedImportDocument,
    ImportDocument,
    ImportPage,
    failed_import_documents,
    import_documents,
    import_page,
)
from imports.models import Import, RequestedBy, Revert
from imports.undo.preview import Preview, require_few_enough
from imports.undo.revert import revert_import
from imports.views import lists
from tachi.accounts.authentication import user_of
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import Permission, User
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.accounts.users import UserResourceViewSet
from tachi.api.conditional import CONDITIONAL, ETAG, conditional
from tachi.api.envelope import Failure, Refused, success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.paging import LINK, Next
from tachi.api.parsing import unread
from tachi.api.rendering import JSONResponse
from tachi.api.requests import api_request
from tachi.api.validation import boolean, optional, string, validate
from tachi.api.viewsets import ResourceViewSet

PAGED = {"Link": LINK}
LONGEST_REASON = 1000  # characters
REVERT = {
    "reason": optional(string(0, LONGEST_REASON)).described("Why, for the record."),
    "fingerprint": optional(string(0, LONGEST_REASON)).described(
        "Of the preview that was looked at: where something else would come of it by"
        " now, nothing is reverted."
    ),
    "block": optional(boolean).described(
        "Whether its scores are kept from being imported again."
    ),
}


class Imports(Next):
    """Completed imports and their users."""

    imports: list[ImportDocument]
    users: list[UserDocument]


class FailedImports(Next):
    """Failed imports and their users."""

    failedImports: list[FailedImportDocument]
    users: list[UserDocument]


class NotReverted(Failure):
    """Why it was not reverted; where a preview is stale, with a fresh one."""

    body: NotRequired[Preview]


class ImportViewSet(ResourceViewSet):
    """Imports that are completed, each under its id, and lists of those that failed."""

    queryset = Import.objects.completed().defer(*UNLISTED).select_related("user")
    lookup_field = "import_id"
    not_found_text = "This import does not exist."

    @answers(Imports, query=lists.QUERY, response_headers=PAGED)
    def list(self, request: Request) -> JSONResponse:
        """The last 500 completed imports with their users, newest first."""
        page = lists.finished(request)
        imports = import_documents(page.rows)
        body = {"imports": imports, "users": _users(imports), **page.more}
        return success(f"Found {len(imports)} imports.", body, headers=page.headers)

    @action(detail=False)
    @answers(FailedImports, query=lists.QUERY, response_headers=PAGED)
    def failed(self, request: Request) -> JSONResponse:
        """The last 500 failed imports with their users and reasons, newest first."""
        page = lists.failed(request)
        imports = failed_import_documents(page.rows)
        body = {"failedImports": imports, "users": _users(imports), **page.more}
        return success(
            f"Found {len(imports)} failed imports.", body, headers=page.headers
        )

    @answers(ImportPage, response_headers=ETAG, **CONDITIONAL)
    def retrieve(self, request: Request, import_id: str) -> HttpResponse:
        """An import with its user, scores, songs, charts and sessions."""
        page = import_page(self.get_object())
        response = success("Returned info about this import.", page)
        return conditional(request, response)

    @action(
        detail=True,
        methods=["post"],
        permission_classes=[IsOwnerOrAdmin, TokenMay(Permission.DELETE_SCORE)],
    )
    @answers(
        Empty,
        sent=REVERT,
        refuses={
            409: (
                "Something else would come of it than the fingerprint is of: `body` is"
                " a fresh preview; or it has more scores than a request tries out; with"
                " Retry-After: other changes of the user's scores take too long.",
                NotReverted,
            )
        },
    )
    def revert(self, request: Request, import_id: str) -> JSONResponse:
        """Revert an import: its scores go, and all that followed from them.

        The classes that it provided stay, for moderators to review. With `block` the
        scores that go are kept from being imported again. With the `fingerprint` of a
        preview it is 409, and a fresh preview, where something else would come of it by
        now. 409 also while other changes of the same user's scores take too long.
        """
        import_ = self.get_object()
        is_form = request.content_type.startswith("multipart/")
        if not is_form and (told := unread(api_request(request))):
            raise Refused(400, f"{told} Nothing was reverted.")
        sent = validate(request.data, REVERT, extra_keys_ok=True)
        requested_by = RequestedBy(
            user_of(request), Revert.Origin.API, sent.get("reason", "")
        )
        fingerprint = sent.get("fingerprint")
        if fingerprint is not None:
            require_few_enough([import_])
        reverted = revert_import(
            import_,
            requested_by,
            block=sent.get("block", False),
            fingerprint=fingerprint,
        )
        if reverted is None:
            raise self.not_found()
        return success("Reverted import.", {})


class UserImportViewSet(UserResourceViewSet):
    """The imports of one user."""

    @action(detail=False)
    @answers(
        list[ImportDocument],
        query=lists.QUERY,
        response_headers=PAGED,
        name="user_imports",
    )
    def imports(self, request: Request, user: str) -> JSONResponse:
        """The user's last 500 completed imports, newest first."""
        page = lists.finished(request, self.get_user())
        imports = import_documents(page.rows)
        return success(f"Found {len(imports)} imports.", imports, headers=page.headers)

    @action(detail=False, url_path="imports/failed")
    @answers(
        list[FailedImportDocument],
        query=lists.QUERY,
        response_headers=PAGED,
        name="user_failed_imports",
    )
    def failed_imports(self, request: Request, user: str) -> JSONResponse:
        """The user's last 500 failed imports with their reasons, newest first."""
        page = lists.failed(request, self.get_user())
        imports = failed_import_documents(page.rows)
        return success(
            f"Found {len(imports)} failed imports.", imports, headers=page.headers
        )

    @action(detail=False, url_path="recent-imports")
    @answers(list[lists.RecentType], name="user_recent_imports")
    def recent_imports(self, request: Request, user: str) -> JSONResponse:
        """How often the user imported in which way in the last four weeks.

        Only imports that the user asked for count; the most frequent way comes first.
        """
        types = lists.recent_types(self.get_user())
        return success(f"Found {len(types)} import types.", types)


def _users(
    imports: Iterable[ImportDocument | FailedImportDocument],
) -> list[UserDocument]:
    ids = {document["userID"] for document in imports}
    return [user_document(user) for user in User.objects.filter(pk__in=ids)]
