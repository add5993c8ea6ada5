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
from tachi.encodings import MARKS, NotUnicode, as_utf8

# An escaped NUL, which no database takes; an even number of backslashes before the
# u is text about one.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Read, a JSON text takes up to a hundred times its room in memory. Scores of 16 MiB
# have fewer of these; whatever has not more takes some 250 MB.
MOST_OF = {"[{": 320_000, ",": 2_000_000, '"': 3_500_000}


UTF_8, UTF_16 = {"utf-8", "utf8"}, {"utf-16", "utf16"}
OTHER_CHARSET = (
    "Send the JSON as UTF-8, or as UTF-16 with a byte-order mark: no other charset is"
    " supported."
)

UNREAD = "The body was not read: send it with Content-Type: application/json."

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
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset not in UTF_8 | UTF_16:
        raise Refused(400, OTHER_CHARSET)
    try:
        raw = request.body
    except RequestDataTooBig:
        raise Refused(413) from None
    except UnreadablePostError:
        raise Refused(400, "The request ended before its body did.") from None
    if not raw:
        return {}
    text = api_request(request).json_text = in_utf8(raw, charset)
    return parse(text)


def unread(request: HttpRequest) -> str:
    """What to tell whoever sent a body that is not said to be JSON, and so counts as
    `{}`; nothing where there is no body.
    """
    if request.content_type == "application/json":
        return ""
    return UNREAD if int(request.META.get("CONTENT_LENGTH") or 0) else ""


def in_utf8(raw: bytes, charset: str) -> bytes:
    """The JSON text in UTF-8, without a mark. Raises Refused (400).

    Whether it is UTF-8 at all is left to the parser, which tells sooner.
    """
    if charset in UTF_16 and raw[:2] not in MARKS:
        raise Refused(400, OTHER_CHARSET)
    if not raw.startswith(MARKS):
        return raw
    try:
        return as_utf8(raw)
    except NotUnicode as error:
        raise not_json(error.text) from None


def parse(raw: bytes) -> dict | list:
    """JSON text, strictly: no NaN, no infinity, no half of a surrogate pair, no NUL.

    Raises Refused (400).
    """
    if problem := too_many_values(raw):
        raise not_json(problem)
    try:
        body: Any = orjson.loads(raw)
        orjson.dumps(body)  # refuses at a depth that loads lets through
    except orjson.JSONDecodeError as error:
        raise not_json(not_unicode(raw) or str(error)) from None
    except (orjson.JSONEncodeError, RecursionError):
        raise not_json("It is nested too deeply") from None
    if not isinstance(body, dict | list):
        raise not_json("Expected an object or an array")
    if NUL.search(raw):
        raise not_json("A text contains the NUL character")
    return body


def not_json(why: str) -> Refused:
    text = f"Invalid JSON. ({why})"
    return Refused(400, text, errors=[{"path": "", "message": text}])


def not_unicode(raw: bytes) -> str:
    """What is wrong with the encoding of a text; nothing where it is UTF-8."""
    try:
        as_utf8(raw)
    except NotUnicode as error:
        return error.text
    return ""


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
