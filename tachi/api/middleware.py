"""What holds for every request to the API, whichever view answers, or none."""

import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import resolve
from django.utils.cache import patch_vary_headers

from tachi.api.cors import CORS
from tachi.api.envelope import (
    Refused,
    failure,
    refusal,
)
from tachi.api.parsing import parse_at_once
from tachi.api.throttles import Normal

API = re.compile(r"/(api/v1|ir|cdn)(/|$)", re.IGNORECASE)
IR = re.compile(r"/ir(/|$)", re.IGNORECASE)
POLL = re.compile(r"/api/v1/imports/[^/]+/poll-status/?", re.IGNORECASE)
#: Statuses of requests that no limit may have counted, as they were refused before.
MALFORMED = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
CHUNK = 64 * 1024  # bytes


class ApiMiddleware:
    """Checks a request before any view sees it, and makes every response JSON.

    In the order of the contract: CORS, the JSON body (if it is short; a long one is
    parsed for who may send it), and under /ir the limit on requests, which there
    counts those with an unknown token, too. A malformed request counts as well, and
    stays malformed when there are too many.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.poll = convert_exception_to_response(self.straight)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return self.get_response(request)
        response = in_json(self.answer(request))
        drain(request)
        if request.method == "HEAD":
            response.content = b""  # its length stays that of the GET
        return in_envelope(request, response)

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse()
        request.encoding = "utf-8"  # whatever charset a client names, or makes up
        try:
            check_head(request)
            parse_at_once(request)
            if IR.match(request.path_info):
                Normal().check(request)
        except Refused as error:
            return failure(
                error.status, error.text, headers=error.headers, **error.more
            )
        return self.routed(request)

    def routed(self, request: HttpRequest) -> HttpResponse:
        """The view's response; HEAD is GET, of which only the headers are sent."""
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        is_poll = POLL.fullmatch(request.path_info)
        answer = self.poll if is_poll else self.get_response
        try:
            return cast(HttpResponse, answer(request))
        finally:
            request.method = asked

    def straight(self, request: HttpRequest) -> HttpResponse:
        """The response without session, user and messages: they would be a third of
        the cost of a poll, which is for anybody.
        """
        request.resolver_match = found = resolve(request.path_info)
        view, args, kwargs = found
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except Exception as error:
            refused = self.process_exception(request, error)
            if refused is None:
                raise
            response = refused
        response["Content-Length"] = str(len(response.content))
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Plain views refuse by the same exceptions; a bug stays one."""
        return refusal(error) if is_api(request) else None


def is_api(request: HttpRequest) -> bool:
    """Whether an address is the API's, and not a page's."""
    return bool(API.match(request.path_info))


def in_envelope(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with the headers that all of the API's have."""
    if response.status_code in MALFORMED and not hasattr(request, "rate_limit"):
        with suppress(Refused):
            Normal().check(request)
    for name, value in {**CORS, **getattr(request, "rate_limit", {})}.items():
        response[name] = value
    return for_nobody_else(response)


def for_nobody_else(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, as it may depend on who asks; what has a tag, by the browser of
    who asked, which is to ask again each time. What says that it is public is not.
    """
    if response.get("Cache-Control", "").startswith("public"):
        response.headers.pop("Vary", None)  # it is the same for everybody
        return response
    kept = "private, no-cache" if response.has_header("ETag") else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def check_head(request: HttpRequest) -> None:
    """Refuse, with 400, a length that is none and a NUL, which no database takes."""
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not is_length(length):
        raise Refused(400, "The Content-Length is not a number.")
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Refused(400, "The address contains the NUL character.")


def drain(request: HttpRequest) -> None:
    """Read what no view has read of a body, unless it is beyond every limit.

    A client that is still sending when the connection closes reports a broken
    connection, and never sees why it was refused.
    """
    most = settings.MAX_UPLOAD_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not is_length(length) or int(length) > most:
        return
    try:
        while request.read(CHUNK):
            pass
    except UnreadablePostError:
        pass  # the client has gone


def is_length(text: str) -> bool:
    return text.isascii() and text.isdigit()


def in_json(response: HttpResponse) -> HttpResponse:
    """Django's own error pages, of 400, 404, 405 and 500, as an envelope."""
    status = response.status_code
    if status < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    return failure(404 if status == 405 else status)
