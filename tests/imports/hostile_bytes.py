"""Bytes that take a parser much longer, or much more memory, than their number says."""

import json
import random
from collections.abc import Callable

from tests.factories import document, play

ROW = json.dumps(play(5_000_000, comment="a good one"))
META = json.dumps(document()["meta"])
HEAD = f'{{"meta":{META},"scores":['
TAIL = "]}"


def rows(one: str) -> Callable[[int], bytes]:
    """A document with so much of the same in place of its scores."""

    def make(size: int) -> bytes:
        many = (size - len(HEAD) - len(TAIL)) // (len(one) + 1)
        return f"{HEAD}{','.join([one] * many)}{TAIL}".encode()

    return make


def text(of: str) -> Callable[[int], bytes]:
    """A document whose only score has one long text in it."""
    head = HEAD + ROW.replace('"a good one"', '"')[:-1]

    def make(size: int) -> bytes:
        many = (size - len(head) - len(TAIL) - 2) // len(of.encode())
        return f'{head}{of * many}"}}{TAIL}'.encode()

    return make


def nested(opening: str, closing: str) -> Callable[[int], bytes]:
    return lambda size: (
        (opening * (size // len(opening + closing))).encode()
        + (closing * (size // len(opening + closing))).encode()
    )


def keys(head: str, tail: str) -> Callable[[int], bytes]:
    """So many different keys of one object."""

    def make(size: int) -> bytes:
        many = (size - len(head) - len(tail)) // 14
        return (head + ",".join(f'"{n:08}":[]' for n in range(many)) + tail).encode()

    return make


def last_row_wrong(size: int) -> bytes:
    """It can be refused only when all of it has been looked at."""
    many = (size - len(HEAD) - len(TAIL)) // (len(ROW) + 1)
    return f"{HEAD}{','.join([ROW] * (many - 1))},{{}}{TAIL}".encode()


def numbers(head: str, tail: str) -> Callable[[int], bytes]:
    """Numbers where a game, say, is expected: messages quote what is there."""

    def make(size: int) -> bytes:
        many = min((size - len(head) - len(tail)) // 7, 1_990_000)
        return f"{head}{'0.1234,' * many}0{tail}".encode()

    return make


#: None of them is a document that can be imported; each makes as many bytes as asked.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "objects with an empty key": rows('{"":0}'),
    "objects with a long key": rows('{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":{}}'),
    "empty objects": rows("{}"),
    "empty lists": rows("[]"),
    "numbers": rows("0"),
    "fractions": rows("0.1"),
    "exponents": rows("1e-9"),
    "long numbers": rows("9" * 300),
    "empty texts": rows('""'),
    "nulls": rows("null"),
    "the last row of very many is wrong": last_row_wrong,
    "lists in a list": lambda size: b"[" + b"[]," * ((size - 4) // 3) + b"[]]",
    "many keys": keys(f'{{"meta":{META},"scores":[],', "}"),
    "a score of many keys": keys(HEAD + ROW[:-1] + ",", "}" + TAIL),
    "a game of numbers": numbers('{"meta":{"playtype":"Single","game":[', "]}}"),
    "judgements of numbers": numbers(
        HEAD + ROW[:-1] + ',"judgements":{"critical":[', "]}}" + TAIL
    ),
    "deep lists": nested("[", "]"),
    "deep objects": nested('{"a":', "}"),
    "an unclosed list": lambda size: b"[" * size,
    "one long text": text("a"),
    "one text of wide letters": text("\U0001f600"),
    "one text of backslashes": text("\\\\"),
    "one text of escaped letters": text("\\u00e9"),
    "one text of escaped NULs": text("\\u0000"),
    "one text of escapes that are almost NULs": text("\\\\u0000"),
    "one text of surrogates": text("\\ud83d"),
    "one long number": lambda size: f"{HEAD}{'1' * (size - 100)}{TAIL}".encode(),
    "spaces": lambda size: b" " * (size - 2) + b"{}",
    "zeros": lambda size: b"\0" * size,
    "bytes that are no UTF-8": lambda size: b"\xff" * size,
    "random bytes": lambda size: random.Random(size).randbytes(size),
}
