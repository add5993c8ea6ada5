"""What only the site as a whole can say."""

from typing import Annotated, TypedDict

from django.conf import settings
from rest_framework.decorators import api_view
from rest_framework.request import Request

from imports.formats import FORMATS
from scores.games import PLAYTYPES
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse


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
        "IMPORT_TYPES": list(FORMATS),
        "SIGNUPS_ENABLED": False,
    }
    return success("Returned configuration info.", body)
