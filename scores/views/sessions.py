from typing import Any

from rest_framework.decorators import action, permission_classes
from rest_framework.request import Request

from scores.documents import (
    SessionDocument,
    SessionPage,
    session_documents,
    session_page,
)
from scores.edits import edit_session
from scores.models import Session
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwner, TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import boolean, nullable, optional, string, validate
from tachi.api.viewsets import ResourceViewSet

EDIT = {
    "name": optional(string(3, 80)),
    "desc": optional(nullable(string(3, 120))),
    "highlight": optional(boolean),
}
COLUMNS = {"name": "name", "desc": "description", "highlight": "highlight"}


class SessionPageWithUser(SessionPage):
    """A session, what is in it, and whose it is."""

    user: UserDocument


class SessionViewSet(ResourceViewSet):
    """Sessions: what a user played in one go, each under its id."""

    queryset = Session.objects.select_related("user")
    lookup_field = "session_id"
    not_found_text = "This session does not exist."

    @answers(SessionPageWithUser)
    def retrieve(self, request: Request, session_id: str) -> JSONResponse:
        """A session with its user, scores, songs and charts.

        `scoreInfo` compares each score with the user's best before the session.
        """
        session = self.get_object()
        body = session_page(session)
        return success(
            f"Successfully returned session {body['session']['name']}.",
            {**body, "user": user_document(session.user)},
        )

    @action(detail=True, url_path="folder-raises")
    @answers(list[dict[str, Any]])
    def folder_raises(self, request: Request, session_id: str) -> JSONResponse:
        """What a session raised in folders: an empty list, for none are kept here."""
        self.get_object()
        return success("Returned 0 folder raises.", [])

    @permission_classes([IsOwner, TokenMay(Permission.CUSTOMISE_SESSION)])
    @answers(
        SessionDocument,
        sent=EDIT,
        open_ended=True,
        refuses={409: "Other changes of the user's scores take too long."},
    )
    def partial_update(self, request: Request, session_id: str) -> JSONResponse:
        """Set the name, the description or the highlight of a session."""
        session = self.get_object()
        sent = validate(request.data, EDIT, extra_keys_ok=True)
        if not sent:
            raise Refused(400, "This request modifies nothing about the session.")
        changes = {COLUMNS[key]: value for key, value in sent.items()}
        if not edit_session(session, **changes):
            raise self.not_found()
        return success("Updated session.", session_documents([self.get_object()])[0])
