"""Who am I, logging in, looking at users, and handing out tokens."""

import re
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.db.models import Q
from django.utils import timezone
from rest_framework.decorators import api_view, throttle_classes
from rest_framework.request import Request

from tachi.accounts.documents import token_document, user_document
from tachi.accounts.models import USERNAME, ApiToken, Permission, User, digest
from tachi.accounts.permissions import permissions_of, require_self
from tachi.accounts.users import get_user
from tachi.api.envelope import Refused, success
from tachi.api.throttles import Aggressive
from tachi.api.validation import (
    as_object,
    list_of,
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
        lambda name: isinstance(name, str) and re.fullmatch(USERNAME, name),
        "Invalid username.",
    ),
    "!password": that(
        lambda word: isinstance(word, str) and len(word) >= 8,
        "Invalid password. Passwords are 8 characters or more.",
    ),
    "captcha": text,
}
NEW_TOKEN = {
    "permissions": optional(list_of(one_of(*Permission.values))),
    "identifier": optional(string(0, 80)),
    "clientID": optional(text),
}


@api_view(["GET", "POST"])
def status(request: Request):
    """Is the server there, and who am I to it? Most game hooks ask when they start."""
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


@api_view(["POST"])
@throttle_classes([Aggressive])
def login(request: Request):
    """Start a session: the one that the admin uses, too."""
    sent = validate(request.data, LOGIN)
    user = User.objects.named(sent["username"])
    if user is None:
        raise Refused(404, "This user does not exist.")
    if not (user.is_active and user.check_password(sent["!password"])):
        raise Refused(403, "Invalid password.")
    start_session(request._request, user)
    return success("Successfully logged in.", {"userID": user.pk})


@api_view(["POST"])
@throttle_classes([])
def logout(request: Request):
    if not request.user.is_authenticated or request.auth is not None:
        raise Refused(409, "You are not logged in.")
    end_session(request._request)
    return success("Logged out.", {})


@api_view(["GET"])
def users(request: Request):
    """The hundred last seen, or up to 25 whose name holds `search`."""
    found = User.objects.order_by("-last_seen", "id")
    search = request.query_params.get("search", "")
    if "online" in request.query_params:
        found = found.filter(last_seen__gte=timezone.now() - ONLINE)
    if search:
        found = found.filter(username__icontains=search)
    body = [user_document(user) for user in found[: 25 if search else 100]]
    return success(f"Found {len(body)} users.", body)


@api_view(["GET"])
def user(request: Request, user: str):
    found = get_user(request, user)
    return success(f"Found user {found.username}.", user_document(found))


@api_view(["GET"])
def tokens(request: Request, user: str):
    owner = get_user(request, user)
    require_self(request, owner)
    body = [token_document(token) for token in owner.tokens.live().order_by("id")]
    return success(f"Returned {len(body)} tokens.", body)


@api_view(["POST"])
def create_token(request: Request, user: str):
    """A new token, whose secret is in this answer and nowhere else."""
    owner = get_user(request, user)
    require_self(request, owner)
    sent = validate(request.data, NEW_TOKEN)
    if "clientID" in sent and "permissions" in sent:
        raise Refused(
            400,
            "Cannot use clientID creation and permissions creation at the same time!",
        )
    if "clientID" in sent:
        raise Refused(404, "This API client does not exist.")
    if "permissions" not in sent:
        raise Refused(400, "You must specify either clientID or permissions.")
    identifier = sent.get("identifier") or "Custom Token"
    token, secret = ApiToken.objects.issue(owner, sent["permissions"], identifier)
    return success("Successfully created API token.", token_document(token, secret))


@api_view(["DELETE"])
def delete_token(request: Request, user: str, token: str):
    """Revoke a token, named in full or by its first eight digits."""
    owner = get_user(request, user)
    require_self(request, owner)
    named = Q(prefix=token) | Q(digest=digest(token))
    if not owner.tokens.live().filter(named).update(revoked_at=timezone.now()):
        raise Refused(404, "This token does not exist.")
    return success("Deleted token.", {})
