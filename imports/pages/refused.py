"""Pages for what is not done: not there, not allowed, badly asked, or broken."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from imports.pages.frame import page
from tachi.logs import request_id

View = Callable[..., HttpResponse]

TITLES = {
    400: "That was not understood",
    403: "That is not allowed",
    404: "There is nothing here",
    405: "That was not understood",
    409: "Not just now",
    413: "That is too large",
    422: "That was not understood",
    429: "Too many requests",
    500: "Something broke here",
    503: "Not just now",
}
NOT_FOUND = (
    "Nothing is at this address. It may have been reverted or deleted, or the address"
    " is not complete."
)
NOT_ALLOWED = "This is not yours to see or to do."
FORGED = (
    "The form was too old, or did not come from a page of this site. Nothing was done."
    " Go back, load the page again, and send the form once more."
)
BAD = "The request was not one that this site understands. Nothing was done."


def refused(
    request: HttpRequest, status: int, text: str, headers: Any = None
) -> HttpResponse:
    """A page that says why something was not done."""
    title = TITLES.get(status, "That did not work")
    context = {"heading": title, "text": text}
    response = page(request, "refused.html", context, status=status)
    for name, value in (headers or {}).items():
        response[name] = str(value)
    response.render()
    return response


def why(error: Exception) -> tuple[int, str] | None:
    """Status and text of an exception by which something refuses; None for a bug."""
    status, text = getattr(error, "status", None), getattr(error, "text", None)
    if isinstance(status, int) and isinstance(text, str):
        return status, text
    return None


def in_the_frame(view: View) -> View:
    """Whatever the view refuses becomes a page that says why."""

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Exception as error:
            told = why(error)
            if told is None:
                raise
            headers = getattr(error, "headers", None)
            return refused(request, *told, headers=headers)

    return seen


def told_if_refused(request: HttpRequest, act: Callable[[], Any]) -> Any:
    """What comes of an act; None, and a message for the next page, if it is refused."""
    try:
        return act()
    except Exception as error:
        told = why(error)
        if told is None:
            raise
        messages.error(request, told[1])
        return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address with nothing at it."""
    return refused(request, 404, NOT_FOUND)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what its reader may not see or do."""
    return refused(request, 403, NOT_ALLOWED)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form without the token that ours have."""
    return refused(request, 403, FORGED)


def without_frame(status: int, text: str) -> HttpResponse:
    """A page where nothing may be looked up: who asks, or anything in the database."""
    context = {
        "heading": TITLES[status],
        "text": text,
        "site_name": settings.SERVER_NAME,
        "id": request_id() if status == 500 else "",
    }
    return HttpResponse(render_to_string("pages/broken.html", context), status=status)


def bad_request() -> HttpResponse:
    """The page for what is refused before it is known who asks."""
    return without_frame(400, BAD)


def server_error() -> HttpResponse:
    """The page for a bug of ours, with the id by which the log has it."""
    text = "This is a fault of the site, not yours. It is in the log under this id:"
    return without_frame(500, text)
