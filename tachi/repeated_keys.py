"""Keys that stand twice in an object of a JSON text, of which a parser keeps one.

has_repeated(text, orjson.dumps(orjson.loads(text)))  # quick, and exact
repeated_keys(text)  # where they are: slow, for what is refused anyway
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

#: Strings, of which those before a colon are keys, and what opens, closes and parts
#: objects and lists. Possessive: neither backtracking nor memory for it.
_TOKEN = re.compile(
    rb'"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*(:?)|[\[\]{},]',
    re.DOTALL,
)
_ESCAPED_COLON = re.compile(rb"(?<!\\)(?:\\\\)*+\\u003[aA]")
MOST_TOKENS = 600_000  # some 25,000 scores; what comes later is not looked at

Place = tuple[str | int, ...]


def has_repeated(text: bytes, written: bytes) -> bool:
    """Whether a JSON text says more than what was read of it, written as JSON again.

    Each key has its colon, and so has each colon in a string, unless it is escaped.
    """
    colons = text.count(b":")
    if b"u003" in text:
        colons += sum(1 for _ in _ESCAPED_COLON.finditer(text))
    return colons != written.count(b":")


def repeated_keys(text: bytes) -> Iterator[Place]:
    """The place of each key that its object has already, in a valid JSON text.

    Only in the first MOST_TOKENS of it.
    """
    places: list[Any] = []  # in all that is open: a key, an index
    keys: set[bytes] | None = None  # of the innermost object; None in a list
    outer: list[set[bytes] | None] = []
    for found in islice(_TOKEN.finditer(text), MOST_TOKENS):
        token = found[0]
        if token == b",":
            if keys is None:
                places[-1] += 1
        elif token in b"{[":
            outer.append(keys)
            keys = set() if token == b"{" else None
            places.append(0)
        elif token in b"}]":
            keys = outer.pop()
            places.pop()
        elif found[2] and keys is not None:
            key = places[-1] = _unescaped(found[1])
            if key in keys:
                yield tuple(e.decode() if type(e) is bytes else e for e in places)
            keys.add(key)


def _unescaped(key: bytes) -> bytes:
    if b"\\" not in key:
        return key
    unescaped: str = orjson.loads(b'"%b"' % key)
    return unescaped.encode()
