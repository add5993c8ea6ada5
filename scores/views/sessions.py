from rest_framework.request import Request

from scores.documents import session_documents, session_page
from scores.edits import edit_session
from scores.models import Session
from tachi.accounts.documents import user_document
from tachi.accounts.models import Permission
from tachi.accounts.permissions import require_owner, require_permission
from tachi.api.envelope import Refused, success
from tachi.api.validation import boolean, nullable, optional, string, validate
from tachi.api.viewsets import NounViewSet

EDIT = {
    "name": optional(string(3, 80)),
    "desc": optional(nullable(string(3, 120))),
    "highlight": optional(boolean),
}
COLUMNS = {"name": "name", "desc": "description", "highlight": "highlight"}


class SessionViewSet(NounViewSet):
    queryset = Session.objects.select_related("user")
    lookup_field = "session_id"
    missing = "This session does not exist."

    def retrieve(self, request: Request, session_id: str):
        session = self.get_object()
        body = session_page(session)
        return success(
            f"Successfully returned session {body['session']['name']}.",
            {**body, "user": user_document(session.user)},
        )

    def partial_update(self, request: Request, session_id: str):
        session = self.get_object()
        require_owner(request, session.user_id)
        require_permission(request, Permission.CUSTOMISE_SESSION)
        sent = validate(request.data, EDIT, extra_keys_ok=True)
        if not sent:
            raise Refused(400, "This request modifies nothing about the session.")
        changes = {COLUMNS[key]: value for key, value in sent.items()}
        if not edit_session(session, **changes):
            raise Refused(404, self.missing)
        return success("Updated session.", session_documents([self.get_object()])[0])
