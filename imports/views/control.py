"""Cancelling imports, running failed ones again, restoring those that were reverted."""

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.documents import UNLISTED, ImportDocument
from imports.models import Import, RequestedBy, Revert, State
from imports.queue.stops import cancel_import
from imports.retry import retry_import
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable
from imports.views.answers import Queued, outcome
from tachi.accounts.authentication import user_of
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.api.viewsets import ResourceViewSet


class OfAnyState(ResourceViewSet):
    """Imports in any state, for those who may do something with them."""

    queryset = Import.objects.defer(*UNLISTED).select_related("user", "token")
    lookup_field = "import_id"
    not_found_text = "This import does not exist."

    def check_object_permissions(self, request: Request, obj: Import) -> None:
        """To everybody but its owner, an import that was reverted is not there."""
        owns = IsOwnerOrAdmin().has_object_permission(request, self, obj)
        if obj.state == State.REVERTED and not owns:
            raise self.not_found()
        super().check_object_permissions(request, obj)


class ImportControlViewSet(OfAnyState):
    """Stopping imports, running them again, bringing them back."""

    permission_classes = [IsOwnerOrAdmin, TokenMay(Permission.SUBMIT_SCORE)]

    @action(detail=True, methods=["post"])
    @answers(
        Empty,
        tag="imports",
        name="import_cancel",
        refuses={409: "It has ended, or is being written; with Retry-After: in use."},
    )
    def cancel(self, request: Request, import_id: str) -> JSONResponse:
        """Cancel an import before it is written: nothing of it is stored.

        One that is queued ends at once, and so does one that is read. Polls of it are
        answered 409 from then on.
        """
        import_ = self.get_object()
        requested_by = RequestedBy(user_of(request), Revert.Origin.API)
        if cancel_import(import_, requested_by) is None:
            raise self.not_found()
        return success("Cancelled import.", {})

    @action(detail=True, methods=["post"])
    @answers(
        ImportDocument,
        also={202: Queued},
        tag="imports",
        name="import_retry",
        response_headers={"Retry-After": "With 202: seconds to the first poll."},
        refuses={
            "4XX": "It failed again, with its own status. 409 also: it has not failed,"
            " or what was sent is not kept any more.",
            "5XX": "It failed again, by a bug of ours or of a third party.",
        },
    )
    def retry(self, request: Request, import_id: str) -> JSONResponse:
        """Run an import again that failed by a fault of the server, under its id.

        It answers like the upload. A document that was refused is not kept: send
        another.
        """
        return outcome(request, retry_import(self.get_object()))

    @action(
        detail=True,
        methods=["post"],
        permission_classes=[IsOwnerOrAdmin, TokenMay(Permission.DELETE_SCORE)],
    )
    @answers(
        Empty,
        tag="imports",
        name="import_restore",
        refuses={
            409: "It is not reverted, or was too long ago; with Retry-After: other"
            " changes of the user's scores take too long."
        },
    )
    def restore(self, request: Request, import_id: str) -> JSONResponse:
        """Restore an import that was reverted: everything is as it was before that.

        What was imported since stays. Blocks on its scores are lifted where a revert
        made them.
        """
        import_ = self.get_object()
        requested_by = RequestedBy(user_of(request), Revert.Origin.API)
        try:
            restored = restore_import(import_, requested_by)
        except NotRestorable as why:
            raise Refused(409, str(why)) from None
        if restored is None:
            raise Refused(409, f"This import is not reverted: it is {import_.state}.")
        return success("Restored import.", {})
