"""A user's imports that were reverted, and until when they can come back."""

from typing import Annotated, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.models import Revert
from imports.undo.retention import restorable_until
from tachi.accounts.permissions import IsOwnerOrAdmin
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.openapi import Milliseconds, answers
from tachi.api.paging import LINK, PAGING, Order, page
from tachi.api.rendering import JSONResponse
from tachi.api.times import milliseconds

NEWEST = Order(("-reverted_at", "-pk"))
LONGEST = 500


class RevertedImport(TypedDict):
    """An import that was reverted: by whom, from where, and why."""

    importID: str
    importType: str
    game: str
    timeFinished: Milliseconds
    scoreCount: Annotated[int, "How many scores it owned."]
    revertedAt: Milliseconds
    revertedBy: Annotated[int | None, "A user's id; null: by a command, or deleted."]
    origin: str
    reason: str
    batchID: Annotated[str | None, "Null of reverts before there were batches."]
    restorableUntil: Annotated[Milliseconds | None, "Null: it cannot come back."]


class UserRevertedImportViewSet(UserResourceViewSet):
    """A user's reverted imports, for their owner."""

    permission_classes = [IsOwnerOrAdmin]

    @action(detail=False, url_path="imports/reverted")
    @answers(
        list[RevertedImport],
        query=PAGING,
        response_headers={"Link": LINK},
        tag="imports",
        name="user_reverted_imports",
    )
    def reverted_imports(self, request: Request, user: str) -> JSONResponse:
        """The user's last 500 reverted imports, newest first.

        Each can be restored as long as what it held is kept.
        """
        owned = Revert.objects.filter(of_import__user=self.get_user(), restored_at=None)
        found = page(request, owned, NEWEST, LONGEST)
        rows = found.rows.select_related("of_import", "batch").defer(
            "snapshot",
            "of_import__later_claims",
            "of_import__errors",
            "of_import__context",
            "batch__preview",
        )
        imports = [_document(row) for row in rows]
        text = f"Found {len(imports)} reverted imports."
        return success(text, imports, headers=found.headers)


def _document(revert: Revert) -> RevertedImport:
    import_ = revert.of_import
    until = restorable_until(revert)
    return {
        "importID": import_.import_id,
        "importType": import_.import_type,
        "game": import_.game,
        "timeFinished": milliseconds(import_.finished_at or import_.received_at),
        "scoreCount": revert.score_count,
        "revertedAt": milliseconds(revert.reverted_at),
        "revertedBy": revert.reverted_by_id,
        "origin": revert.origin,
        "reason": revert.reason,
        "batchID": revert.batch.batch_id if revert.batch else None,
        "restorableUntil": milliseconds(until) if until else None,
    }
