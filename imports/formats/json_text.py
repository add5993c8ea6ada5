"""JSON as senders send it: strict, and free of what a database cannot keep."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import orjson

from imports.formats.refusals import (
    LONGEST_PROBLEM,
    MOST_COUNTED,
    ImportRefused,
    Wrong,
    cut,
    in_utf8,
    refuse,
)
from tachi.api.envelope import Problem
from tachi.api.parsing import too_many_values
from tachi.encodings import MARKS
from tachi.repeated_keys import Place, has_repeated, repeated_keys
from tachi.schema import Violation

NOT_JSON = "Invalid JSON. ({})"
SOMEWHERE = "A key is given twice in one of its objects, far from its beginning."


class Read(NamedTuple):
    """The value of a JSON text, and the keys in it that are given twice."""

    value: Any
    repeated: tuple[Wrong, ...]


def read_json(payload: bytes) -> Any:
    """The value of a JSON text, as `read`; raises ImportRefused for repeated keys."""
    value, repeated = read(payload)
    refuse("Invalid JSON", repeated)
    return value


def read(payload: bytes) -> Read:
    """The value of a JSON text. Raises ImportRefused with the parser's reason.

    UTF-8, or UTF-16 with a mark. NaN, Infinity, numbers too large for a double, lone
    surrogates, nesting beyond a thousand levels, NUL characters and more values than
    can be kept in memory are refused.
    """
    if payload.startswith(MARKS):
        payload = in_utf8(payload, NOT_JSON)
    if problem := too_many_values(payload):
        raise ImportRefused(NOT_JSON.format(f"{problem}."))
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        in_utf8(payload, NOT_JSON)
        raise ImportRefused(NOT_JSON.format(error)) from error
    if rb"\u0000" in payload and any("\0" in each for each in _texts(value)):
        raise ImportRefused("Invalid JSON. (NUL characters are not accepted.)")
    return Read(value, _repeated(payload, value))


def _repeated(payload: bytes, value: Any) -> tuple[Wrong, ...]:
    try:
        if not has_repeated(payload, orjson.dumps(value)):
            return ()
        deep = False
    except orjson.JSONEncodeError:
        deep = True  # it cannot be written again
    found = tuple(map(_twice, islice(repeated_keys(payload), MOST_COUNTED)))
    if found or deep:
        return found
    return (Wrong(Problem(path="", message=SOMEWHERE), SOMEWHERE),)


def _twice(place: Place) -> Wrong:
    path = cut(Violation(place, "", None).path, LONGEST_PROBLEM)
    message = f'The key "{cut(str(place[-1]), 100)}" is given twice.'
    return Wrong(Problem(path=path, message=message), f"{path} | {message}")


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
