"""What only the site as a whole can say."""

from typing import Annotated, TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.decorators import api_view
from rest_framework.request import Request

from imports.formats import offered
from scores.games import PLAYTYPES
from tachi import openapi
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import CONTENT_TYPE, JSONResponse
from tachi.api.throttles import Normal, limited

#: Swagger UI is served by ourselves, sets styles, and draws from data.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


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
    response = render(request, "tachi/docs.html", {"name": settings.SERVER_NAME})
    response["Content-Security-Policy"] = DOCS_POLICY
    return response
