"""The first middleware: an id, a line in the log and a count for every request.

It also answers the probes, before anything that refuses, redirects or counts against a
limit: who balances load asks by an address, over plain HTTP, every few seconds.
"""

import logging
import re
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from tachi import metrics
from tachi.health import probes
from tachi.logs import id_for, of_request, said
from tachi.statements import Statements

logger = logging.getLogger("tachi.requests")

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": probes.live,
    "/health/live/": probes.live,
    "/health/ready": probes.ready,
    "/health/ready/": probes.ready,
    "/metrics": probes.metrics,
}
PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")
LONGEST_PATH = 300
FAULT = 500  # from this status on the line is an error


class Observe:
    """Every answer of the application has `X-Request-ID`: static files, refusals of
    other middleware and pages for bugs included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probe = convert_exception_to_response(probe)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        id_ = id_for(request.META.get("HTTP_X_REQUEST_ID"))
        is_probe = request.path_info in PROBES
        answer = self.probe if is_probe else self.get_response
        statements = Statements()
        with of_request(id_), connection.execute_wrapper(statements):
            response = cast(HttpResponseBase, answer(request))
            seconds = time.perf_counter() - began
            note(request, response, seconds, statements.count)
        # Else Django logs each 5xx once more, without the id; it has the traceback.
        response._has_been_logged = True  # type: ignore[attr-defined]
        response.headers["X-Request-ID"] = id_
        return response


def probe(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = PROBES[request.path_info](request)
    response["Content-Length"] = str(len(response.content))
    return response


def note(
    request: HttpRequest, response: HttpResponseBase, seconds: float, statements: int
) -> None:
    """Count a request, and log it: without its query, headers and body."""
    method, status = request.method or "", response.status_code
    metrics.count_request(route_of(request), method, status, seconds, statements)
    level = logging.ERROR if status >= FAULT else logging.INFO
    if not logger.isEnabledFor(level):
        return
    path, took = path_of(request), round(1000 * seconds, 1)
    text = f"{method} {path} {status}, {took} ms, {statements} SQL"
    # Made by hand: `logger.log` looks for the line of code, which takes as long again.
    record = logging.LogRecord(logger.name, level, "", 0, text, None, None)
    line = {
        "method": method,
        "path": path,
        "status": status,
        "milliseconds": took,
        "statements": statements,
    }
    if user := user_of(request):
        line["userID"] = user
        record.msg += f", user {user}"
    vars(record).update(said(**line))
    logger.handle(record)


def route_of(request: HttpRequest) -> str:
    """Which of our addresses it is: a pattern, of which there are only so many."""
    if match := request.resolver_match:
        return match.route or "/"
    path = request.path_info
    if path in PROBES:
        return path.strip("/")
    return "static" if path.startswith(settings.STATIC_URL) else "none"


def path_of(request: HttpRequest) -> str:
    """The path, without what would end the line."""
    path = request.path_info
    if not PLAIN.fullmatch(path):
        path = quote(path, safe="/:@!$&'()*+,;=~", errors="replace")
    return path[:LONGEST_PATH]


def user_of(request: HttpRequest) -> int | None:
    """Who was found to ask, by its primary key; nobody is looked up for it."""
    user = vars(request).get("user")
    if type(user) is SimpleLazyObject:  # `isinstance` would look the user up
        user = vars(request).get("_cached_user")
    return getattr(user, "pk", None)
