"""A user's orphans: rows of their imports whose song or chart is not known yet."""

from typing import Annotated, Any, TypedDict

from django.db.models import F
from orjson import Fragment
from rest_framework.decorators import action
from rest_framework.request import Request

from imports.discards import discard
from imports.models import Orphan
from scores.json_columns import json_text
from tachi.accounts.authentication import asking
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.accounts.users import UserResourceViewSet, get_user
from tachi.api.envelope import success
from tachi.api.openapi import Milliseconds, answers
from tachi.api.openapi.answers import Empty
from tachi.api.paging import LINK, PAGING, Next, Order, page
from tachi.api.rendering import JSONResponse

NEWEST = Order(("-time_inserted", "source_import_id", "position"))


class OrphanDocument(TypedDict):
    """A row of an import that waits for its song or chart."""

    orphanID: Annotated[str, "The same for the same row in several imports."]
    importID: str
    position: Annotated[int, "Its place in its import."]
    game: str
    message: Annotated[str, "What was missing when it was tried last."]
    data: Annotated[Any, "The row, as its format has read it."]
    timeInserted: Milliseconds


class Orphans(Next):
    """Orphans, newest first."""

    orphans: list[OrphanDocument]


class UserOrphanViewSet(UserResourceViewSet):
    """A user's orphans, for their owner."""

    permission_classes = [IsOwnerOrAdmin]
    not_found_text = "This orphan does not exist: it may have become a score."

    @action(detail=False)
    @answers(
        Orphans,
        query=PAGING,
        response_headers={"Link": LINK},
        tag="imports",
        name="user_orphans",
    )
    def orphans(self, request: Request, user: str) -> JSONResponse:
        """The rows of a user's imports whose song or chart is not known yet.

        In pages of up to 500, newest first.
        """
        owned = Orphan.objects.filter(user=self.get_user())
        found = page(request, owned, NEWEST, always=True)
        rows = found.rows.annotate(
            import_id=F("source_import__import_id"), text=json_text("data")
        ).defer("data")
        orphans = [_document(row) for row in rows]
        body = {"orphans": orphans, **found.more}
        return success(f"Found {len(orphans)} orphans.", body, headers=found.headers)

    @action(
        detail=False,
        methods=["delete"],
        url_path="orphans/<orphan_id>",
        permission_classes=[IsOwnerOrAdmin, TokenMay(Permission.DELETE_SCORE)],
    )
    @answers(
        Empty,
        tag="imports",
        name="orphan_discard",
        refuses={409: "Other changes of the user's scores take too long."},
    )
    def discard(self, request: Request, user: str, orphan_id: str) -> JSONResponse:
        """Discard an orphan: it will be no score, whichever import of theirs holds it.

        An import that is sent later may bring it again.
        """
        whose = get_user(request, user)
        orphans = Orphan.objects.filter(user=whose, orphan_id=orphan_id)
        orphan = orphans.first()
        if orphan is None:
            raise self.not_found()
        self.check_object_permissions(request, orphan)
        if discard(orphan, asking(request)) is None:
            raise self.not_found()
        return success("Discarded the orphan.", {})


def _document(orphan: Any) -> OrphanDocument:
    return {
        "orphanID": orphan.orphan_id,
        "importID": orphan.import_id,
        "position": orphan.position,
        "game": orphan.game,
        "message": orphan.message,
        "data": Fragment(orphan.text),
        "timeInserted": orphan.time_inserted,
    }
