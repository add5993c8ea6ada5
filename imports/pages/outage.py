"""The page while the database is away, or somebody else is at work."""

from collections.abc import Callable
from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse

from imports.pages.refused import without_frame
from tachi.api.envelope import refusal
from tachi.api.middleware import is_api

#: Statuses that are right to be tried again, after `Retry-After`.
LATER = (HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE)


class Outage:
    """Every page, the admin's too, says what is nobody's bug, in the API's words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """The page for what a view could not do; None for a bug, and for the API."""
        return None if is_api(request) else page_of(error)


def page_of(error: Exception) -> HttpResponse | None:
    """The page for what is right to be tried again; None for anything else."""
    answer = refusal(error)
    if answer is None or answer.status_code not in LATER:
        return None
    text = orjson.loads(answer.content)["description"]
    page = without_frame(answer.status_code, text)
    page["Retry-After"] = answer.get("Retry-After", "1")
    return page
