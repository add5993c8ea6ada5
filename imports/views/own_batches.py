"""Batches of reverts as those see them who made them of their own imports."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from imports.batches.documents import BatchDocument, batch_document
from imports.batches.rights import is_own
from imports.models import RevertBatch
from tachi.accounts.authentication import token_of, user_of
from tachi.accounts.models import User
from tachi.accounts.permissions import NOT_BY_TOKEN, NOT_YOURS, SessionMay

MayModerate = SessionMay("imports.bulk_revert")


class MayModerateOrOwns(BasePermission):
    """The session of who moderates batches, or who made one of imports of his own."""

    message = NOT_YOURS
    session_only = True

    def has_permission(self, request: Request, view: APIView) -> bool:
        if token_of(request) is not None:
            self.message = NOT_BY_TOKEN
            return False
        return isinstance(request.user, User)

    def has_object_permission(
        self, request: Request, view: APIView, obj: RevertBatch
    ) -> bool:
        moderates = MayModerate().has_permission(request, view)
        return moderates or is_own(obj, user_of(request))


def shown(request: Request, batch: RevertBatch) -> BatchDocument:
    """A batch; to who does not moderate, without what is for moderators: the note, and
    which other batches there are.
    """
    document = batch_document(batch)
    if not MayModerate().has_permission(request, None):  # type: ignore[arg-type]
        document["note"], document["overlaps"] = "", []
    return document
