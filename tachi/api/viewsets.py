"""The base of the API's viewsets: requests are refused in the order of the contract.

Who is asking (400, 401, 403 for the banned); the limits on requests (429); whether
there is such an endpoint and such an object (404); then the permissions (401 for a
guest, 403).
"""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from tachi.api.envelope import Refused
from tachi.api.one_moment import one_snapshot
from tachi.api.throttles import Limit


class ResourceViewSet(GenericViewSet):
    """A resource of the API and what can be done with it.

    An extra action names its permissions in `@action(permission_classes=[...])`, a
    standard method (`partial_update`, `destroy`) in `@permission_classes([...])`. Where
    the address names an object, `get_object` asks them once the object is found, in
    the order in which they are listed.
    """

    permission_classes: Sequence[type[BasePermission]]
    throttle_classes: Sequence[type[Limit]]
    not_found_text = "This does not exist."
    #: The group of its operations in the description; that of its module if empty.
    tag = ""
    #: Whether what a GET answers is read in one snapshot.
    of_one_moment = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method runs. Who is asking is found out before the snapshot."""
        super().initial(request, *args, **kwargs)
        if request.method == "GET" and self.action and self.of_one_moment:
            methods = vars(self)
            methods["get"] = one_snapshot()(methods["get"])

    def get_object(self) -> Any:
        """The object that the address names, if the request may act on it.

        Raises Refused (404), and what the permissions raise.
        """
        try:
            return super().get_object()
        except Http404:
            raise self.not_found() from None

    def not_found(self) -> Refused:
        """The refusal to raise for what is not there, or no longer."""
        return Refused(404, self.not_found_text)

    def names_an_object(self) -> bool:
        """Whether the address names something that may not exist."""
        return bool(self.detail)

    def get_permissions(self) -> list[BasePermission]:
        """One of each permission class of the method, or else of the viewset."""
        method = getattr(self, self.action or "", None)
        classes = getattr(method, "permission_classes", self.permission_classes)
        return [permission_class() for permission_class in classes]

    def check_permissions(self, request: Request) -> None:
        """Before the method runs, unless a 404 comes first.

        That is the answer to an unknown object and to a wrong method, even to a guest.
        """
        if self.action and not self.names_an_object():
            super().check_permissions(request)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Both questions of each permission, one permission after the other.

        REST framework would ask what does not depend on the object before it is found.
        """
        for permission in self.get_permissions():
            self.require(permission, obj)

    def require(self, permission: BasePermission, obj: Any) -> None:
        """Ask one permission; a method calls it where the contract wants it late."""
        if not (
            permission.has_permission(self.request, self)
            and permission.has_object_permission(self.request, self, obj)
        ):
            message = getattr(permission, "message", None)
            self.permission_denied(self.request, message=message)

    def perform_authentication(self, request: Request) -> None:
        """Find out who is asking, then count the request: before the permissions.

        REST framework would not count requests that are refused a permission.
        """
        super().perform_authentication(request)
        self.count_request(request, refused_too=True)

    def check_throttles(self, request: Request) -> None:
        """Count the request for limits of those only who have the permission.

        Not a wrong method, which no permission was asked for. (Where permissions wait
        for an object, the method calls such a limit's `check`.)
        """
        if self.action is not None:
            self.count_request(request, refused_too=False)

    def count_request(self, request: Request, *, refused_too: bool) -> None:
        """Raises Refused (429) when a limit is exceeded."""
        for limit in self.throttle_classes:
            if limit.counts_refused is refused_too:
                limit().allow_request(request, self)
