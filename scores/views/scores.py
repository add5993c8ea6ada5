from typing import Any, NotRequired, TypedDict

from rest_framework.decorators import permission_classes
from rest_framework.request import Request

from scores.documents import (
    ChartDocument,
    ScoreDocument,
    SongDocument,
    parents_of,
    score_document,
)
from scores.edits import delete_score, edit_score
from scores.models import Score
from tachi.accounts.authentication import asking
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.api.validation import boolean, nullable, optional, string, text, validate
from tachi.api.viewsets import ResourceViewSet

EDIT = {"comment": optional(nullable(string(1, 120))), "highlight": optional(boolean)}
DELETE = {"blacklist": optional(boolean)}
RELATED = {
    "getRelated": optional(text).described("The user, song and chart, too: any value.")
}
BUSY = {409: "Other changes of the user's scores take too long."}
MayDelete = TokenMay(Permission.DELETE_SCORE)


class ScorePage(TypedDict):
    """A score, and what it belongs to, if asked for."""

    score: ScoreDocument
    user: NotRequired[UserDocument]
    song: NotRequired[SongDocument]
    chart: NotRequired[ChartDocument]


class ScoreViewSet(ResourceViewSet):
    """Scores, each under its id."""

    queryset = Score.objects.select_related("user", "chart")
    lookup_field = "score_id"
    not_found_text = "This score does not exist."

    @answers(ScorePage, query=RELATED)
    def retrieve(self, request: Request, score_id: str) -> JSONResponse:
        """A score; with `getRelated` in the query its user, song and chart, too."""
        score = self.get_object()
        body: dict[str, Any] = {"score": self._document(score)}
        if "getRelated" in request.query_params:
            body |= {"user": user_document(score.user), **parents_of(score.chart)}
        return success("Returned score.", body)

    @permission_classes([IsOwnerOrAdmin, TokenMay(Permission.CUSTOMISE_SCORE)])
    @answers(ScoreDocument, sent=EDIT, refuses=BUSY)
    def partial_update(self, request: Request, score_id: str) -> JSONResponse:
        """Set the comment or the highlight of a score."""
        score = self.get_object()
        changes = validate(request.data, EDIT)
        if not changes:
            raise Refused(400, "This request modifies nothing about the score.")
        if not edit_score(score, asking(request), **changes):
            raise self.not_found()
        return success("Updated score.", self._document(self.get_object()))

    @permission_classes([IsOwnerOrAdmin])
    @answers(Empty, sent=DELETE, refuses=BUSY, late=[MayDelete])
    def destroy(self, request: Request, score_id: str) -> JSONResponse:
        """Delete a score; with `blacklist` no later import brings it back."""
        score = self.get_object()
        sent = validate(request.data, DELETE)
        self.require(MayDelete(), score)  # after the body, by Tachi's contract
        block = sent.get("blacklist", False)
        if not delete_score(score, asking(request), block=block):
            raise self.not_found()
        return success("Successfully deleted score.", {})

    def _document(self, score: Score) -> ScoreDocument:
        document = score_document(score)
        if document is None:  # it was deleted since it was found
            raise self.not_found()
        return document
