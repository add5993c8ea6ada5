"""The frame of every page of an owner: who is signed in, and what he has unread."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from tachi.accounts.models import User
from tachi.moderation.models import Notification

View = Callable[..., HttpResponse]
#: Names of addresses that are buttons: the page that has them is one step above.
BUTTONS = {"cancel", "retry", "orphans_discard", "orphans_retry"}


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    here: str = "",
    status: int = 200,
) -> TemplateResponse:
    """A page in the frame; `here` is the entry of its navigation that it belongs to."""
    framed = {**frame(request), "here": here, **(context or {})}
    return TemplateResponse(request, f"pages/{template}", framed, status=status)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame shows; one statement for who is signed in."""
    user = request.user
    is_banned = isinstance(user, User) and user.is_banned
    framed: dict[str, Any] = {
        "site_name": settings.SERVER_NAME,
        "here": "",
        "unread": 0,
        "is_banned": is_banned,
        "may_moderate": user.is_authenticated and user.is_staff and not is_banned,
    }
    if isinstance(user, User) and not is_banned:
        unread = Notification.objects.filter(user=user, read=False)
        framed["unread"] = unread.count()
    return framed


def signed_in(view: View) -> View:
    """A page for who is signed in; others sign in first, and then come back.

    Who is banned is told so: he may do nothing but sign out, as with the API.
    """

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(way_back(request), reverse("pages:sign_in"))
        if user.is_banned:
            return page(request, "banned.html", status=403)
        return view(request, *args, **kwargs)

    return seen


def way_back(request: HttpRequest) -> str:
    """Where somebody goes on who had to sign in first: to a page, not to a button."""
    found = request.resolver_match
    if found is not None and found.url_name in BUTTONS:
        return request.path.rstrip("/").rpartition("/")[0] + "/"
    return request.get_full_path()
