"""Who am I, logging in, looking at users, and handing out tokens."""

import re
import time
from datetime import timedelta
from typing import Annotated, NotRequired, TypedDict

from django.conf import settings
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.db.models import Q
from django.utils import timezone
from rest_framework.decorators import (
    action,
    api_view,
    permission_classes,
    throttle_classes,
)
from rest_framework.request import Request

from tachi.accounts import logins
from tachi.accounts.authentication import token_of
from tachi.accounts.documents import (
    MORE,
    TokenDocument,
    UserDocument,
    token_document,
    user_document,
)
from tachi.accounts.models import USERNAME, ApiToken, Permission, User, digest
from tachi.accounts.permissions import IsSelf, permissions_of
from tachi.accounts.profiles import SITES, edit_profile
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import Refused, success
from tachi.api.openapi import Milliseconds, answers
from tachi.api.openapi.answers import Empty
from tachi.api.origins import require_our_origin
from tachi.api.rendering import JSONResponse
from tachi.api.throttles import Aggressive
from tachi.api.validation import (
    as_object,
    list_of,
    nullable,
    one_of,
    optional,
    string,
    text,
    that,
    validate,
)

STARTED_AT = int(time.time() * 1000)
ONLINE = timedelta(minutes=5)
LOGIN = {
    "username": that(
        lambda name: isinstance(name, str) and bool(re.fullmatch(USERNAME, name)),
        "Invalid username.",
        {"type": "string", "pattern": USERNAME},
    ),
    "!password": that(
        lambda word: isinstance(word, str) and len(word) >= 8,
        "Invalid password. Passwords are 8 characters or more.",
        {"type": "string", "minLength": 8, "format": "password"},
    ),
    "captcha": text,
}
NEW_TOKEN = {
    "permissions": optional(list_of(one_of(*Permission.values))),
    "identifier": optional(string(0, 80)),
    "clientID": optional(text),
}


NAME = optional(nullable(string(3, 140)))
PROFILE = {
    "about": optional(string(0, 2000)),
    "status": NAME,
    **dict.fromkeys(SITES, NAME),
}


ECHO = {"echo": optional(text).described("A text that comes back.")}
SEARCH = {
    "search": optional(text).described("Part of the name."),
    "online": optional(text).described("Only those who are here. Any value will do."),
}


NO_SIGNUPS = (
    "Nobody can sign up by themselves here: accounts are made by whoever runs this "
    "site. Ask them for one."
)


class Status(TypedDict):
    """The server, and who is asking."""

    serverTime: Milliseconds
    startTime: Milliseconds
    version: str
    whoami: Annotated[int | None, "The user's id; null for a guest."]
    permissions: list[Permission]
    echo: NotRequired[str]


class LoggedIn(TypedDict):
    """Who has logged in."""

    userID: int


@answers(Status, tag="site", query=ECHO, sent=ECHO, open_ended=True)
@api_view(["GET", "POST"])
def status(request: Request) -> JSONResponse:
    """Is the server there, and who am I to it?

    Most game hooks ask when they start. `echo`, a text in the query or the body, comes
    back; times are unix milliseconds.
    """
    sent = request.query_params if request.method == "GET" else request.data
    echo = as_object(sent).get("echo")
    body = {
        "serverTime": int(time.time() * 1000),
        "startTime": STARTED_AT,
        "version": f"v{settings.VERSION} [null]",
        "whoami": request.user.pk,
        "permissions": permissions_of(request),
    }
    if isinstance(echo, str):
        body["echo"] = echo
    return success("Status check successful.", body)


@answers(
    LoggedIn,
    also={301: None},  # a password that came over plain HTTP, on a site with TLS
    sent=LOGIN,
    refuses={
        403: "The password is wrong, or a page of another origin asks.",
        404: "There is no such user.",
    },
)
@api_view(["POST"])
@throttle_classes([Aggressive])
def login(request: Request) -> JSONResponse:
    """Log in: start a session, which the admin's pages accept, too.

    Not for a page of another origin: it could log somebody in as somebody else.
    """
    require_our_origin(request._request)
    sent = validate(request.data, LOGIN)
    logins.count_name(request, sent["username"])
    user = User.objects.named(sent["username"])
    if user is None:
        raise Refused(404, "This user does not exist.")
    if not (user.is_active and user.check_password(sent["!password"])):
        raise Refused(403, "Invalid password.")
    start_session(request._request, user)
    logins.succeeded(request, sent["username"])
    return success("Successfully logged in.", {"userID": user.pk})


@answers(Empty, refuses={409: "You are not logged in."})
@api_view(["POST"])
@throttle_classes([])
def logout(request: Request) -> JSONResponse:
    """Log out: end the session."""
    if not request.user.is_authenticated or token_of(request) is not None:
        raise Refused(409, "You are not logged in.")
    end_session(request._request)
    return success("Logged out.", {})


@answers(Empty, refuses={501: "Accounts are made by whoever runs the site."})
@api_view(["POST"])
@throttle_classes([Aggressive])
def register(request: Request) -> JSONResponse:
    """Sign up: nobody can, for accounts are made by whoever runs the site."""
    raise Refused(501, NO_SIGNUPS)


class UserViewSet(UserResourceViewSet):
    """Users, as anybody may see them."""

    lookup_url_kwarg = "user"

    @answers(list[UserDocument], query=SEARCH, open_ended=True)
    def list(self, request: Request) -> JSONResponse:
        """The hundred users last seen, or up to 25 whose name contains `search`.

        With `online` in the query, those of them who were here within five minutes.
        """
        search = request.query_params.get("search")
        users = User.objects.order_by("-last_seen", "id")
        if "online" in request.query_params:
            users = users.filter(last_seen__gte=timezone.now() - ONLINE)
        if search:
            users = users.filter(username__icontains=search)
        body = [user_document(user) for user in users[: 25 if search else 100]]
        return success(f"Found {len(body)} users.", body)

    @answers(UserDocument)
    def retrieve(self, request: Request, user: str) -> JSONResponse:
        """A user: by id, by name in any case, or `me`."""
        found = self.get_user()
        return success(f"Found user {found.username}.", user_document(found))

    @permission_classes([IsSelf])
    @answers(UserDocument, sent=PROFILE)
    def partial_update(self, request: Request, user: str) -> JSONResponse:
        """Change what you say of yourself; an address of a site becomes the name in it.

        Null takes a name or the status away, an empty text the description.
        """
        owner = self.get_user()
        sent = validate(request.data, PROFILE)
        if not sent:
            raise Refused(400, "Nothing was provided to modify.")
        edit_profile(owner, sent)
        return success("Successfully updated user.", user_document(owner))


class TokenViewSet(UserResourceViewSet):
    """A user's API tokens, for the session of that user only."""

    lookup_field = "token"
    not_found_text = "This token does not exist."
    permission_classes = [IsSelf]

    @answers(list[TokenDocument])
    def list(self, request: Request, user: str) -> JSONResponse:
        """Your API tokens, by their first eight digits."""
        tokens = self.get_user().tokens.live().order_by("id")
        body = [token_document(token) for token in tokens]
        return success(f"Returned {len(body)} tokens.", body)

    @action(detail=False, methods=["post"], url_path="create")
    @answers(TokenDocument, sent=NEW_TOKEN)
    def issue(self, request: Request, user: str) -> JSONResponse:
        """Issue a new API token, whose secret is in this response and nowhere else."""
        owner = self.get_user()
        sent = validate(request.data, NEW_TOKEN)
        if "clientID" in sent and "permissions" in sent:
            raise Refused(
                400,
                "Cannot use clientID creation and permissions creation at the same "
                "time!",
            )
        if "clientID" in sent:
            raise Refused(404, "This API client does not exist.")
        if "permissions" not in sent:
            raise Refused(400, "You must specify either clientID or permissions.")
        identifier = sent.get("identifier") or "Custom Token"
        token, secret = ApiToken.objects.issue(owner, sent["permissions"], identifier)
        return success("Successfully created API token.", token_document(token, secret))

    @answers(Empty)
    def destroy(self, request: Request, user: str, token: str) -> JSONResponse:
        """Revoke an API token, in full, as it is listed, or by its first digits."""
        named = Q(prefix=token.removesuffix(MORE)) | Q(digest=digest(token))
        tokens = self.get_user().tokens.live().filter(named)
        if not tokens.update(revoked_at=timezone.now()):
            raise self.not_found()
        return success("Deleted token.", {})
