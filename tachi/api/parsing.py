"""JSON in: what is refused here cannot trouble a database or a view later."""

import re
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from rest_framework.parsers import BaseParser

from tachi.api.envelope import Refused
from tachi.api.requests import ApiRequest, api_request

# An escaped NUL, which no database takes; an even number of backslashes before the
# u is text about one.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Read, a JSON text takes up to a hundred times its room in memory. Scores of 16 MiB
# have fewer of these; whatever has not more takes some 250 MB.
MOST_OF = {"[{": 320_000, ",": 2_000_000, '"': 3_500_000}


#: A body of more bytes is parsed when a view asks for it: whoever may not send it is
#: refused before.
MOST_AT_ONCE = 64 * 1024


def parse_at_once(request: HttpRequest) -> None:
    """Parse a short body, and refuse one that is too long, before any view is asked.

    Raises Refused, as `body_of` does.
    """
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if not MOST_AT_ONCE < length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        parsed(api_request(request))


def parsed(request: ApiRequest) -> dict | list:
    """The JSON body of a request, which is parsed once. Raises Refused."""
    if not hasattr(request, "json"):
        request.json = body_of(request)
    return request.json


def body_of(request: HttpRequest) -> dict | list:
    """The JSON body of a request; `{}` where there is none, or it is something else.

    Raises Refused: 400 for what is not JSON that can be kept, 413 above 4 MiB.
    """
    if request.content_type != "application/json":
        return {}
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise Refused(400, "Send a Content-Length: a chunked body is not supported.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(400, "Send the JSON as it is: a Content-Encoding is unsupported.")
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8"}:
        raise Refused(400, "Send the JSON as UTF-8: no other charset is supported.")
    try:
        raw = request.body
    except RequestDataTooBig:
        raise Refused(413) from None
    except UnreadablePostError:
        raise Refused(400, "The request ended before its body did.") from None
    return parse(raw) if raw else {}


def parse(raw: bytes) -> dict | list:
    """JSON text, strictly: no NaN, no infinity, no half of a surrogate pair, no NUL.

    Raises Refused (400).
    """
    if problem := too_many_values(raw):
        raise Refused(400, f"Invalid JSON. ({problem})")
    try:
        body: Any = orjson.loads(raw)
        orjson.dumps(body)  # refuses at a depth that loads lets through
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"Invalid JSON. ({error})") from None
    except (orjson.JSONEncodeError, RecursionError):
        raise Refused(400, "Invalid JSON. (It is nested too deeply)") from None
    if not isinstance(body, dict | list):
        raise Refused(400, "Invalid JSON. (Expected an object or an array)")
    if NUL.search(raw):
        raise Refused(400, "Invalid JSON. (A text contains the NUL character)")
    return body


def too_many_values(raw: bytes) -> str:
    """What is too much about a JSON text, told before it is parsed; or nothing.

    Within its strings these characters count too: it is them that are told of.
    """
    for characters, most in MOST_OF.items():
        if sum(raw.count(ord(each)) for each in characters) > most:
            told = " and ".join(characters)
            return f"It has more than {most:,} of the characters {told}"
    return ""


class JSONParser(BaseParser):
    """The JSON body of a request, for any content type.

    A body that is not JSON counts as `{}`, and so is answered by validation.
    """

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """An object, or a list, which the stubs do not foresee."""
        context = parser_context or {}
        return parsed(api_request(context["request"]))
