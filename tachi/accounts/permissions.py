"""Who may: called inside a view, because *whether there is such a thing* comes first.

The order of an endpoint's refusals is part of the contract (404, then 401, then 403),
so these are sentences in the view and not classes that run before it.
"""

from rest_framework.request import Request

from tachi.accounts.models import Permission, User
from tachi.api.envelope import Refused

NOT_YOURS = "You are not authorised to perform this action."
NOBODY = (
    "You are not authorised as anyone, and this endpoint requires us to know who you "
    "are."
)


def permissions_of(request: Request) -> list[str]:
    """What the request may do, by name: a session everything, a guest nothing."""
    if not request.user.is_authenticated:
        return []
    if request.auth is None:
        return list(Permission.values)
    return [name for name in Permission.values if name in request.auth.permissions]


def require_user(request: Request) -> User:
    """The user who asks; 401 for a guest."""
    if not request.user.is_authenticated:
        raise Refused(401, NOBODY)
    return request.user


def require_permission(request: Request, *permissions: Permission) -> User:
    """401 for a guest, 403 with the names of the permissions that are missing."""
    user = require_user(request)
    granted = permissions_of(request)
    missing = [str(name) for name in permissions if name not in granted]
    if missing:
        raise Refused(
            403,
            "You are missing the following permissions necessary for this request: "
            + ", ".join(missing),
        )
    return user


def require_owner(request: Request, user_id: int) -> User:
    """403 for everybody but the owner, guests included."""
    if request.user.pk != user_id:
        raise Refused(403, NOT_YOURS)
    return request.user


def require_owner_or_admin(request: Request, user_id: int) -> User:
    """401 for a guest, 403 unless it is the owner or an admin's session.

    An admin's token has no more power than any other.
    """
    user = require_user(request)
    if user.pk != user_id and not (user.is_admin and request.auth is None):
        raise Refused(403, NOT_YOURS)
    return user


def require_self(request: Request, user: User) -> User:
    """401 for a guest, 403 unless it is the session of that very user."""
    require_user(request)
    if request.auth is not None:
        raise Refused(
            403,
            "This request cannot be performed by an API key, and requires "
            "authentication.",
        )
    return require_owner(request, user.pk)
