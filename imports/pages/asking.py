"""Who asks for a page, and what is his: as the API finds it out, and by its limits."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.request import Request

from imports.documents import UNLISTED
from imports.models import Import, Origin, RequestedBy, State
from tachi.accounts.authentication import CookieOrToken, user_of
from tachi.accounts.models import User
from tachi.accounts.permissions import IsOwnerOrAdmin
from tachi.api.throttles import Limit

LONGEST_REASON = 1000  # characters, as of the API's


def asked(request: HttpRequest, *limits: type[Limit]) -> Request:
    """The request as the API has it: a banned user is refused, and limits beside that
    of every page (`middleware.py`) count it.

    Raises Refused (403, 429).
    """
    found = Request(request, authenticators=[CookieOrToken()])
    user_of(found)
    for limit in limits:
        limit().allow_request(found, cast(Any, None))
    return found


def owns(request: HttpRequest, import_: Import) -> bool:
    """Whether the signed-in user may act on the import: its owner, or an administrator,
    as with the API.
    """
    user = request.user
    if not isinstance(user, User) or user.is_banned:
        return False
    found = Request(request)
    found.user, found.auth = user, None
    return IsOwnerOrAdmin().has_object_permission(found, cast(Any, None), import_)


def shown_import(request: HttpRequest, import_id: str) -> Import:
    """The import at an address, if it is to be seen: a reverted one by its owner only.

    Raises Http404.
    """
    found = Import.objects.filter(import_id=import_id).defer(*UNLISTED)
    import_ = found.select_related("user", "token", "rerun_of").first()
    is_hidden = import_ is not None and import_.state == State.REVERTED
    if import_ is None or (is_hidden and not owns(request, import_)):
        raise Http404
    return import_


def own_import(request: HttpRequest, import_id: str) -> Import:
    """The same for who wants to act on it. Raises Http404, and Refused (403)."""
    import_ = shown_import(request, import_id)
    if not owns(request, import_):
        raise NotYours
    return import_


class NotYours(Exception):
    """It is somebody else's import."""

    status = 403
    text = "This import is somebody else's: only its player may do that."


def requested_by(request: HttpRequest) -> RequestedBy:
    """Who asks for it, by which way, and why: the player reads the reason."""
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    return RequestedBy(user_of(request), Origin.API, reason.replace("\0", ""))


def to_import(import_: Import) -> HttpResponse:
    """The way back to the page of an import."""
    return redirect("pages:import", import_id=import_.import_id)
