"""JSON out: one content type, whatever a client says it accepts."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

CONTENT_TYPE = "application/json; charset=utf-8"


class JSONResponse(HttpResponse):
    """A response with `data` as its JSON; for REST framework and plain views alike.

    JSON columns come as `orjson.Fragment`, and pass through as the text they are.
    """

    def __init__(
        self, data: Any, status: int = 200, headers: dict[str, Any] | None = None
    ) -> None:
        super().__init__(orjson.dumps(data), CONTENT_TYPE, status, headers=headers)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return orjson.dumps(data)


class OnlyJSON(DefaultContentNegotiation):
    """Never 406, and no `format` in the query: the first renderer is taken."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type
