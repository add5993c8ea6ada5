"""What only the site as a whole can say."""

from typing import Annotated, TypedDict

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.decorators import api_view
from rest_framework.request import Request

from imports.formats import offered
from imports.pages import refused
from scores.games import PLAYTYPES
from tachi import openapi
from tachi.api.envelope import failure, success
from tachi.api.middleware import in_envelope, is_api
from tachi.api.openapi import answers
from tachi.api.rendering import CONTENT_TYPE, JSONResponse
from tachi.api.throttles import Normal, limited

MAX_RIVALS = 5  # as upstream's


class Config(TypedDict):
    """What a site is and supports."""

    NAME: str
    TYPE: Annotated[str, "`kamai`, `boku` or `omni`."]
    GAMES: list[str]
    IMPORT_TYPES: list[str]
    SIGNUPS_ENABLED: bool


@answers(Config, tag="site")
@api_view(["GET"])
def config(request: Request) -> JSONResponse:
    """What this site is and supports; the web client does not start without it."""
    body = {
        "NAME": settings.SERVER_NAME,
        "TYPE": settings.SERVER_TYPE,
        "GAMES": list(PLAYTYPES),
        "IMPORT_TYPES": [each.import_type for each in offered(settings.SERVER_TYPE)],
        "SIGNUPS_ENABLED": False,
    }
    return success("Returned configuration info.", body)


@answers(Annotated[int, "More than 0."], tag="site")
@api_view(["GET"])
def max_rivals(request: Request) -> JSONResponse:
    """How many rivals a player may have, for clients that ask: none are kept here yet.

    The web client waits for ever for a number that is not 0.
    """
    return success("Returned MAX_RIVALS.", MAX_RIVALS)


@answers(
    {"type": "object", "properties": {"openapi": {"const": "3.1.0"}}},
    media_type="application/json",
    tag="site",
    limits=[Normal],
)
@require_safe
@limited(Normal)
def openapi_json(request: HttpRequest) -> HttpResponse:
    """This description: OpenAPI 3.1, as it is, without an envelope."""
    return HttpResponse(openapi.document(), CONTENT_TYPE)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference of the API, to read and to try."""
    return render(request, "tachi/docs.html", {"name": settings.SERVER_NAME})


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer where nothing is."""
    return failure(404) if is_api(request) else refused.not_found(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to who may not."""
    return failure(403) if is_api(request) else refused.forbidden(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer where there is a bug of ours: nothing but the id that the log has."""
    return failure(500) if is_api(request) else refused.server_error()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to what Django refuses before any view, a wrong Host for example."""
    if is_api(request):
        return in_envelope(request, failure(400))
    page = refused.bad_request()
    page["Content-Security-Policy"] = build_policy()
    return page
