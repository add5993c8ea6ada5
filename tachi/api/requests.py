"""What the middleware and the limits note on a request to the API."""

from typing import cast

from django.http import HttpRequest
from rest_framework.request import Request


class ApiRequest(HttpRequest):
    """A request with what is noted on it: its parsed body, and the state of its limit.

    A type only: Django makes the requests. `json` is missing until the body is parsed,
    and so is `json_text`, the body in UTF-8, which stays so where there is none;
    `rate_limit` are headers of the response, and is missing until a limit has counted
    the request.
    """

    json: dict | list
    json_text: bytes
    rate_limit: dict[str, int]


def api_request(request: Request | HttpRequest) -> ApiRequest:
    """The request to write notes on: Django's, also where REST framework's is given."""
    plain = request._request if isinstance(request, Request) else request
    return cast(ApiRequest, plain)
