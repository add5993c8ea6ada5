"""The refusals of an endpoint: those of every request, and those that it declares."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from tachi.api.envelope import Failure
from tachi.api.openapi.shapes import Shapes
from tachi.api.throttles import TooManyRequests
from tachi.schema.check import JSONSchema

#: When a status is the answer, unless an endpoint says more.
REASONS = {
    400: "The request is wrong: JSON, parameters, or the scheme of Authorization.",
    401: "The token is unknown, or who asks has to be known.",
    403: "You are banned, or you may not do this.",
    404: "There is no such thing.",
    413: "The JSON body has more than 4 MiB.",
    429: "Too many requests. Wait as long as Retry-After says.",
    500: "A bug of ours. It is logged; trying again later may help.",
    503: "The database cannot be reached. Try again after Retry-After seconds.",
}
#: Headers by name: each a component, to which responses refer.
HEADERS: JSONSchema = {
    "X-RateLimit-Limit": "How many requests a window of time may have.",
    "X-RateLimit-Remaining": "How many are left in this window.",
    "X-RateLimit-Reset": "When the next window begins, in unix seconds.",
    "Retry-After": "Seconds to wait.",
}
LIMITS: JSONSchema = {
    name: {"$ref": f"#/components/headers/{name}"}
    for name in HEADERS
    if name.startswith("X-RateLimit")
}
RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}


def header_components() -> JSONSchema:
    """The headers that responses refer to."""
    return {
        name: {"description": text, "schema": {"type": "integer"}}
        for name, text in HEADERS.items()
    }


def response_components(shapes: Shapes) -> JSONSchema:
    """The responses of every request, to which endpoints refer, by their names."""
    return {
        _name(status): _response(shapes, status, reason)
        for status, reason in REASONS.items()
    }


def refusals(
    shapes: Shapes,
    declared: Mapping[int | str, Any],
    *,
    named: bool,
    limited: bool,
    identified: bool,
) -> JSONSchema:
    """Status → response: for an address with parameters, with limits, that identifies.

    What an endpoint declares is the reason, or a pair of the reason and the shape.
    """
    statuses = [400, 413, 500, 503]
    statuses += [401, 403] if identified else []
    statuses += [404] if named else []
    statuses += [429] if limited else []
    general = {str(status): _reference(status) for status in statuses}
    own = {
        str(status): _response(shapes, status, of) for status, of in declared.items()
    }
    return general | own


def _name(status: int) -> str:
    """`TooManyRequests`, as the standard calls 429."""
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _reference(status: int) -> JSONSchema:
    return {"$ref": f"#/components/responses/{_name(status)}"}


def _response(shapes: Shapes, status: int | str, declared: Any) -> JSONSchema:
    shape: Any = TooManyRequests if status == 429 else Failure
    reason = declared
    if isinstance(declared, tuple):
        reason, shape = declared
    content = {"application/json": {"schema": shapes.schema(shape)}}
    response: JSONSchema = {"description": reason, "content": content}
    if status == 429:
        response["headers"] = {**RETRY_AFTER, **LIMITS}
    return response
