"""JSON out: one content type, whatever a client says it accepts."""

from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

CONTENT_TYPE = "application/json; charset=utf-8"


class JSONAnswer(HttpResponse):
    """A response with `data` as its JSON; for REST framework and plain views alike."""

    def __init__(self, data: Any, status: int = 200, headers: dict | None = None):
        super().__init__(orjson.dumps(data), CONTENT_TYPE, status, headers=headers)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return orjson.dumps(data)


class OnlyJSON(DefaultContentNegotiation):
    """Never 406, and no `format` in the query: the first renderer is taken."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
