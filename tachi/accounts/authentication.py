"""Who is asking: a login session, or an API token, or else a guest.

`request.user` is a User, or AnonymousUser for a guest. `request.auth` is the ApiToken
that was sent; it is None for a guest and for a session, which may do everything its
user may. `user_of` and `token_of` read them.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.auth import get_user
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from tachi.accounts.models import ApiToken, User, UserSettings, digest
from tachi.api.envelope import Refused
from tachi.api.origins import SAFE, is_from_elsewhere, require_our_origin
from tachi.moderation.log import Acting, Origin
from tachi.prepared import Prepared

SEEN_AGAIN_AFTER = timedelta(minutes=1)
#: In a session: when its user gave the password, in unix seconds.
LOGGED_IN_AT = "logged_in_at"


class CookieOrToken(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiToken | None] | None:
        """The user and the token, if any; None for a guest.

        Raises Refused: 400 for another scheme than Bearer, 401 for an unknown token,
        403 for a user who is banned, and for an act of a session that a page of another
        origin asks for. If it sends a token, that counts, and not the cookie.
        """
        header = request.headers.get("Authorization", "")
        user, token = session_user(request._request), None
        if user is not None and request.method not in SAFE:
            if header and is_from_elsewhere(request._request):
                user = None
            else:
                require_our_origin(request._request)
        if user is None:
            token = sent_token(header)
            if token is None:
                return None
            user = token.user
        if user.is_banned or not user.is_active:
            raise Refused(403, "You are banned.")
        if token is None:
            update_last_seen(user)
        return user, token


def user_of(request: Request | HttpRequest) -> User:
    """Who is asking, where a guest does not come. Raises Refused (401) if one does."""
    user = request.user
    if not isinstance(user, User):
        raise Refused(401)
    return user


def asking(request: Request) -> Acting:
    """Who asks by the API, for the moderation log. Raises Refused (401) for a guest."""
    return Acting(user_of(request), Origin.API)


def token_of(request: Request) -> ApiToken | None:
    """The token that was sent; None for a session, and for a guest."""
    return cast("ApiToken | None", request.auth)  # `CookieOrToken` sets nothing else


def session_user(request: HttpRequest) -> User | None:
    """The user who is logged in; a session wins over any Authorization header."""
    user = get_user(request)
    return user if user.is_authenticated else None


def sent_token(header: str) -> ApiToken | None:
    """The token that an Authorization header names; None for an empty one."""
    if not header:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme != "Bearer":
        raise Refused(400, "Invalid Authorization Type - Expected Bearer.")
    if not secret:
        raise Refused(401, "Invalid token.")
    token = next((_token(*row) for row in _tokens(digest(secret))), None)
    if token is None:
        raise Refused(
            401,
            "The provided API token does not correspond with any key in the database.",
        )
    return token


TOKEN = [field.attname for field in ApiToken._meta.concrete_fields]
USER = [field.attname for field in User._meta.concrete_fields]


@Prepared
def _tokens(digest: str) -> QuerySet[ApiToken, tuple[Any, ...]]:
    """The live token of that digest, with its user."""
    of_user = (f"user__{name}" for name in USER)
    return ApiToken.objects.live().filter(digest=digest).values_list(*TOKEN, *of_user)


def _token(*values: Any) -> ApiToken:
    token = ApiToken.from_db("default", TOKEN, values[: len(TOKEN)])
    token.user = User.from_db("default", USER, values[len(TOKEN) :])
    return token


def update_last_seen(user: User) -> None:
    """Store that a user was here, at most once a minute, unless they are invisible."""
    now = timezone.now()
    if now - user.last_seen < SEEN_AGAIN_AFTER:
        return
    if not UserSettings.objects.filter(user=user, invisible=True).exists():
        note(user, last_seen=now)


def logged_in(
    sender: type[User], user: User, request: HttpRequest, **more: Any
) -> None:
    """Note when a user logged in; for Django's signal (`tachi.accounts.apps`)."""
    now = timezone.now()
    request.session[LOGGED_IN_AT] = int(now.timestamp())
    note(user, last_login=now)


def note(user: User, **times: datetime) -> None:
    """Write times of a user, unless somebody else has the row locked.

    Nobody waits to read or to log in for a time that hardly matters.
    """
    free = User.objects.select_for_update(skip_locked=True, no_key=True)
    with transaction.atomic():
        if free.filter(pk=user.pk).values_list("pk").first():
            User.objects.filter(pk=user.pk).update(**times)
    for name, time in times.items():
        setattr(user, name, time)
