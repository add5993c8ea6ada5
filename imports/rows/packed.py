"""The rows of an import as compact bytes, of which any page is read by itself.

Four-byte lengths: how many parts there are, and each part's. The first part is the
outcome of every row, a letter each; every further one is the detail of PART rows. Parts
are compressed JSON.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from imports.models.imports import WAYS
from scores.copy_rows import chunks
from scores.json_columns import dump_json

PART = 500  # rows
LEVEL = 3
LETTERS = {way: way[0] for way in WAYS}
OUTCOMES = {letter: way for way, letter in LETTERS.items()}


class Row(NamedTuple):
    """A row of the input, as it ended.

    `type` and `message` say why it made no score, or what was left out of it. `line` is
    None where the input is not written in lines. `repeats` is the position of an
    earlier row of the same import, where that said the same. `input` is the entry.
    """

    position: int
    outcome: str
    line: int | None = None
    type: str | None = None
    message: str | None = None
    differs: Sequence[str] = ()
    filled: Sequence[str] = ()
    repeats: int | None = None
    input: Any = None


def pack(rows: Sequence[Row]) -> bytes:
    """All rows of an import, in order: the first has position 0."""
    outcomes = "".join(LETTERS[row.outcome] for row in rows)
    parts = [_pressed(outcomes), *map(_part, chunks(rows, PART))]
    sizes = [len(part) for part in parts]
    return b"".join([struct.pack(f">{len(sizes) + 1}I", len(sizes), *sizes), *parts])


def _part(rows: Sequence[Row]) -> bytes:
    """What is the same in nearly all rows is left out."""
    said = {
        str(at): row[3:8] for at, row in enumerate(rows) if row[3:8] != NOTHING_SAID
    }
    lines = [row.line for row in rows]
    told = [lines if any(lines) else None, said]
    try:
        return _pressed([*told, [row.input for row in rows]])
    except (TypeError, RecursionError):  # lists in lists, hundreds deep
        return _pressed([*told, [_writable(row.input) for row in rows]])


def _writable(value: object) -> object:
    try:
        return orjson.Fragment(dump_json(value))
    except (TypeError, RecursionError):
        return None


NOTHING_SAID = Row(0, "")[3:8]


def _pressed(value: object) -> bytes:
    return zlib.compress(dump_json(value), LEVEL)


class Packed:
    """Packed rows, to be read in part."""

    def __init__(self, packed: bytes | memoryview) -> None:
        (count,) = struct.unpack_from(">I", packed)
        sizes = struct.unpack_from(f">{count}I", packed, 4)
        self._parts: list[memoryview] = []
        at = 4 * (count + 1)
        for size in sizes:
            self._parts.append(memoryview(packed)[at : at + size])
            at += size
        self._outcomes: str = self._read(0)

    def positions(self, outcome: str | None = None, after: int = -1) -> Iterable[int]:
        """Those of the rows with an outcome, or of all, behind a position."""
        behind = range(after + 1, len(self._outcomes))
        if outcome is None:
            return behind
        letter = LETTERS[outcome]
        return (at for at in behind if self._outcomes[at] == letter)

    def positions_but(self, outcome: str) -> Iterable[int]:
        """Those of the rows that ended in any other way."""
        letter = LETTERS[outcome]
        return (at for at, other in enumerate(self._outcomes) if other != letter)

    def rows(self, positions: Iterable[int]) -> Iterator[Row]:
        """The rows at positions, which ascend."""
        number, lines, said, inputs = -1, None, {}, []
        for position in positions:
            if position // PART != number:
                number = position // PART
                lines, said, inputs = self._read(1 + number)
            at = position % PART
            yield Row._make(
                (
                    position,
                    OUTCOMES[self._outcomes[position]],
                    lines[at] if lines else None,
                    *said.get(str(at), NOTHING_SAID),
                    inputs[at],
                )
            )

    def _read(self, part: int) -> Any:
        return orjson.loads(zlib.decompress(self._parts[part]))
