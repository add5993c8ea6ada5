"""JSON as senders send it: strict, and free of what a database cannot keep."""

from codecs import iterdecode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from imports.formats.base import ImportRefused
from tachi.api.parsing import too_many_values

PIECE = 64 * 1024  # bytes


def read_json(payload: bytes) -> Any:
    """The value of a JSON text. Raises ImportRefused with the parser's reason.

    Bytes that are no UTF-8 become U+FFFD. A byte-order mark, NaN, Infinity, numbers
    too large for a double, lone surrogates, nesting beyond a thousand levels, NUL
    characters and more values than can be kept in memory are refused.
    """
    if problem := too_many_values(payload):
        raise ImportRefused(f"Invalid JSON. ({problem}.)")
    try:
        value = _loads(payload)
    except orjson.JSONDecodeError as error:
        raise ImportRefused(f"Invalid JSON. ({error})") from error
    if rb"\u0000" in payload and any("\0" in each for each in _texts(value)):
        raise ImportRefused("Invalid JSON. (NUL characters are not accepted.)")
    return value


def _loads(payload: bytes) -> Any:
    """As bytes, and piece by piece: as a text they take up to four times the room."""
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(payload)
    pieces = (payload[at : at + PIECE] for at in range(0, len(payload), PIECE))
    texts = iterdecode(pieces, "utf-8", "replace")
    return orjson.loads(b"".join(each.encode() for each in texts))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys included."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
