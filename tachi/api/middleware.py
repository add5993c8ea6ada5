"""What holds for the API as a whole, whichever view answers, or none."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from tachi.api.envelope import Refused, failure, refusal
from tachi.api.parsing import body_of
from tachi.api.throttles import Normal

API = re.compile(r"/(api/v1|ir|cdn)(/|$)", re.IGNORECASE)
IR = re.compile(r"/ir(/|$)", re.IGNORECASE)
CHUNK = 64 * 1024  # bytes
# Scripts on game websites send scores and poll from there, with a token.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, X-User-Intent, Authorization",
    "Access-Control-Allow-Credentials": "false",
    "Access-Control-Allow-Methods": "GET,POST,PATCH,PUT,DELETE,OPTIONS",
}


class ApiMiddleware:
    """CORS, then JSON, then (under /ir) the limit; and nothing leaves but JSON."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not API.match(request.path_info):
            return self.get_response(request)
        response = in_json(self.answer(request))
        read_to_the_end(request)
        if request.method == "HEAD":
            response.content = b""  # its length stays that of the GET
        for name, value in {**CORS, **getattr(request, "rate_limit", {})}.items():
            response[name] = value
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse()
        request.encoding = "utf-8"  # whatever charset a client names, or makes up
        try:
            refuse_nonsense(request)
            request.json = body_of(request)
            if IR.match(request.path_info):
                Normal().check(request)
        except Refused as error:
            return refusal(error)
        return self.routed(request)

    def routed(self, request: HttpRequest) -> HttpResponse:
        """A view answers; HEAD is GET, of which only the headers are sent."""
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        try:
            return self.get_response(request)
        finally:
            request.method = asked

    def process_exception(self, request: HttpRequest, error: Exception):
        """A plain view refuses by the same exceptions; a bug stays one."""
        return refusal(error) if API.match(request.path_info) else None


def refuse_nonsense(request: HttpRequest) -> None:
    """No database takes a NUL character, so no address may hold one; 400."""
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not is_length(length):
        raise Refused(400, "The Content-Length is not a number.")
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Refused(400, "The address contains the NUL character.")


def read_to_the_end(request: HttpRequest) -> None:
    """Take in what no view wanted of a body, unless it is beyond every limit.

    Closed on a sender who is still sending, a connection is a broken one: they would
    never hear why they were refused.
    """
    most = settings.MAX_UPLOAD_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not is_length(length) or int(length) > most:
        return
    try:
        while request.read(CHUNK):
            pass
    except UnreadablePostError:
        pass  # they have gone


def is_length(text: str) -> bool:
    return text.isascii() and text.isdigit()


def in_json(response: HttpResponse) -> HttpResponse:
    """Django's own error pages, as an envelope: 400, 404, 405, and 500 too."""
    status = response.status_code
    if status < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    return failure(404 if status == 405 else status)
