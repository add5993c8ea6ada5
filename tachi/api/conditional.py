"""Conditional requests (RFC 9110, 13.1.2): `ETag`, `If-None-Match`, 304."""

from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request

#: The declaration of an endpoint that answers 304, for `@answers`.
CONDITIONAL: dict[str, Any] = {
    "also": {304: None},
    "headers": {
        "If-None-Match": "The `ETag` of what is known: 304 if nothing changed."
    },
}
ETAG = {"ETag": "Of this body, for `If-None-Match`."}


def is_known(request: HttpRequest | Request, etag: str) -> bool:
    """Whether the client has what this tag stands for: weak comparison, or `*`."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return known == ["*"] or etag in {each.removeprefix("W/") for each in known}


def not_modified(etag: str) -> HttpResponse:
    """304: no body, and the tag once more."""
    response = HttpResponse(status=304, headers={"ETag": etag})
    del response["Content-Type"]
    return response


def conditional(request: HttpRequest | Request, response: HttpResponse) -> HttpResponse:
    """The response with a tag made of its body, or 304 where the client has it."""
    etag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
    if is_known(request, etag):
        return not_modified(etag)
    response["ETag"] = etag
    return response
