"""The base of game hooks' views: what every hook is asked before it is heard."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request

from imports.formats import offered
from imports.views.answers import Queued
from tachi.accounts.authentication import user_of
from tachi.accounts.models import Permission
from tachi.accounts.permissions import TokenMay
from tachi.api.envelope import Refused
from tachi.api.viewsets import ResourceViewSet

NOT_OFFERED = "This server does not offer this."
#: What answers to a hook's play have in common; for `@answers`.
HOOK: dict[str, Any] = {
    "also": {202: Queued},
    "tag": "imports",
    "refuses": {
        404: "This server does not offer it.",
        "4XX": "What was sent is refused; with its own status.",
        "5XX": "The import failed by a bug of ours.",
    },
}


class HookViewSet(ResourceViewSet):
    """A hook's addresses, on servers that offer its `import_type`.

    It is refused in the order of the contract: a guest (401), a server of another kind
    (404), a token without the permission (403). With `offered_first` the 404 comes
    before anybody is identified.
    """

    import_type: str
    offered_first = False
    permission_classes = [TokenMay(Permission.SUBMIT_SCORE)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.offered_first:
            require_offered(self.import_type)
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        if self.action:
            user_of(request)
            require_offered(self.import_type)
        super().check_permissions(request)


def require_offered(import_type: str) -> None:
    """Refuse (404) what a server of this kind does not offer (SERVER_TYPE)."""
    known = {format_.import_type for format_ in offered(settings.SERVER_TYPE)}
    if import_type not in known:
        raise Refused(404, NOT_OFFERED)
