"""JSON as senders send it: strict, and free of what a database cannot keep."""

from collections.abc import Iterator
from typing import Any

import orjson

from imports.formats.base import ImportRefused


def read_json(payload: bytes) -> Any:
    """The value of a JSON text. Raises ImportRefused with the parser's reason.

    Bytes that are no UTF-8 become U+FFFD. A byte-order mark, NaN, Infinity, numbers
    too large for a double, lone surrogates, nesting beyond a thousand levels and NUL
    characters are refused.
    """
    text = payload.decode("utf-8", "replace")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ImportRefused(f"Invalid JSON. ({error})") from error
    if r"\u0000" in text and any("\0" in each for each in _texts(value)):
        raise ImportRefused("Invalid JSON. (NUL characters are not accepted.)")
    return value


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
