from rest_framework.request import Request

from scores.documents import parents_of, score_document
from scores.edits import delete_score, edit_score
from scores.models import Score
from tachi.accounts.documents import user_document
from tachi.accounts.models import Permission
from tachi.accounts.permissions import require_owner_or_admin, require_permission
from tachi.api.envelope import Refused, success
from tachi.api.validation import boolean, nullable, optional, string, validate
from tachi.api.viewsets import NounViewSet

EDIT = {"comment": optional(nullable(string(1, 120))), "highlight": optional(boolean)}
DELETE = {"blacklist": optional(boolean)}


class ScoreViewSet(NounViewSet):
    queryset = Score.objects.select_related("user", "chart")
    lookup_field = "score_id"
    missing = "This score does not exist."

    def retrieve(self, request: Request, score_id: str):
        score = self.get_object()
        body = {"score": self._document(score)}
        if "getRelated" in request.query_params:
            body |= {"user": user_document(score.user), **parents_of(score.chart)}
        return success("Returned score.", body)

    def partial_update(self, request: Request, score_id: str):
        score = self.get_object()
        require_owner_or_admin(request, score.user_id)
        require_permission(request, Permission.CUSTOMISE_SCORE)
        changes = validate(request.data, EDIT)
        if not changes:
            raise Refused(400, "This request modifies nothing about the score.")
        if not edit_score(score, **changes):
            raise Refused(404, self.missing)
        return success("Updated score.", self._document(self.get_object()))

    def destroy(self, request: Request, score_id: str):
        score = self.get_object()
        require_owner_or_admin(request, score.user_id)
        sent = validate(request.data, DELETE)
        require_permission(request, Permission.DELETE_SCORE)
        if not delete_score(score, block=sent.get("blacklist", False)):
            raise Refused(404, self.missing)
        return success("Successfully deleted score.", {})

    def _document(self, score: Score) -> dict:
        document = score_document(score)
        if document is None:  # it went while we looked
            raise Refused(404, self.missing)
        return document
