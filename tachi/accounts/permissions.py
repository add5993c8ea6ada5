"""Who may do what: permission classes for `tachi.api.viewsets.ResourceViewSet`.

A viewset lists them in the order of the contract: first whose the object is, then what
the token may do. REST framework answers a guest whom one of them denies with 401,
anybody else with 403 and the permission's `message`.
"""

from typing import Any, Protocol

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from tachi.accounts.authentication import token_of
from tachi.accounts.models import Permission, User

NOT_YOURS = "You are not authorised to perform this action."
NOT_BY_TOKEN = (
    "This request cannot be performed by an API key, and requires authentication."
)
MISSING = "You are missing the following permissions necessary for this request: "


class Owned(Protocol):
    user_id: int


def permissions_of(request: Request) -> list[str]:
    """What the request may do, by name: a session everything, a guest nothing."""
    if not request.user.is_authenticated:
        return []
    token = token_of(request)
    if token is None:
        return list(Permission.values)
    return [name for name in Permission.values if name in token.permissions]


class IsOwner(BasePermission):
    """The user whose object it is; everybody else gets 403, guests included."""

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        if not _owns(request, obj):
            raise PermissionDenied(NOT_YOURS)  # False would be 401 for a guest
        return True


class IsOwnerOrAdmin(BasePermission):
    """The user whose object it is, or an administrator's session.

    An administrator's token has no more power than any other.
    """

    message = NOT_YOURS

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        user = request.user
        if token_of(request) is None and isinstance(user, User):
            return owns_or_administers(user, obj)
        return _owns(request, obj)


class IsSelf(BasePermission):
    """The session of the very user that the address names; no token will do.

    What the address names may be something of that user.
    """

    message = NOT_YOURS
    session_only = True

    def has_object_permission(
        self, request: Request, view: APIView, obj: Owned | User
    ) -> bool:
        if token_of(request) is not None:
            self.message = NOT_BY_TOKEN
            return False
        return _owns(request, obj)


def owns_or_administers(user: User, obj: Any) -> bool:
    """Whether `IsOwnerOrAdmin` lets a session of this user: also for pages."""
    whose = obj.pk if isinstance(obj, User) else obj.user_id
    return user.is_admin or user.pk == whose


def TokenMay(*permissions: Permission) -> type[BasePermission]:
    """The permission class of requests that have all of these permissions.

    A session has them all. Others are told the names of those that are missing.
    """

    needed = permissions

    class HasPermissions(BasePermission):
        __doc__ = f"A session, or a token with {' and '.join(needed)}."
        permissions = needed

        def has_permission(self, request: Request, view: APIView) -> bool:
            granted = permissions_of(request)
            missing = [str(name) for name in permissions if name not in granted]
            self.message = MISSING + ", ".join(missing)
            return not missing

    return HasPermissions


def SessionMay(permission: str) -> type[BasePermission]:
    """The permission class of the sessions of administrators, and of users who have a
    permission of Django's, like "imports.stop_source"; no token will do.
    """

    class HasPermission(BasePermission):
        __doc__ = f"The session of who has {permission}, or of an administrator."
        message = NOT_YOURS
        session_only = True

        def has_permission(self, request: Request, view: APIView) -> bool:
            if token_of(request) is not None:
                self.message = NOT_BY_TOKEN
                return False
            user = request.user
            if not isinstance(user, User):
                return False
            return user.is_admin or user.has_perm(permission)

    return HasPermission


def _owns(request: Request, obj: Owned | User) -> bool:
    """Whether it is the requester's, or the requester."""
    whose = obj.pk if isinstance(obj, User) else obj.user_id
    return request.user.pk == whose
