"""Tables of text: CSV as sites write it, spreadsheets save it and converters make it.

Arcade sites escape neither commas nor quotes, so a row is taken apart at each
separator, and read as proper CSV only where that fits the number of headers better.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from django.conf import settings

from imports.formats.refusals import ImportRefused, in_utf8

SEPARATORS = ",;\t"
LONGEST_HEADER = 1_000  # characters
TOO_LONG = (
    f"The line of headers has more than {LONGEST_HEADER:,} characters: is this the"
    " right file?"
)
MOST_HEADERS = 50
LONGEST_LINE = 10_000  # bytes
MOST_CELLS = 200


class Row(NamedTuple):
    """A line of the table: its number from 1 on, and its cells; none if too many."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers, trimmed, and what comes below them."""

    headers: list[str]
    separator: str
    lines: list[bytes]

    def rows(self) -> Iterator[Row]:
        """Each line that is not blank, with its cells as they are.

        A row has as many cells as it has, whatever the header says.
        """
        for number, line in enumerate(islice(self.lines, 1, None), 2):
            if len(line) > LONGEST_LINE:
                yield Row(number, [])
                continue
            text = line.decode()
            if text.count(self.separator) >= MOST_CELLS:
                yield Row(number, [])
            elif text.strip():
                yield Row(number, _cells(text, self.separator, len(self.headers)))


def read_table(payload: bytes) -> Table | None:
    """The table in the bytes of a file; None for an empty file. Raises ImportRefused.

    UTF-8, or UTF-16 by its mark; with any line ends.
    """
    payload = in_utf8(payload)
    if not payload.strip():
        return None
    lines = _lines(payload)
    if len(lines[0]) > 4 * LONGEST_HEADER:
        raise ImportRefused(TOO_LONG)
    header = lines[0].decode()
    if len(header) > LONGEST_HEADER:
        raise ImportRefused(TOO_LONG)
    separator = max(SEPARATORS, key=header.count)
    headers = [_unwrapped(cell).strip() for cell in header.split(separator)]
    if len(headers) > MOST_HEADERS:
        raise ImportRefused(
            f"There are {len(headers)} columns, and at most {MOST_HEADERS} can be read:"
            " is this the right file?"
        )
    return Table(headers, separator, lines)


def without_spare(cells: list[str], width: int) -> list[str]:
    """The cells without empty ones at the end, which spreadsheets add."""
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _lines(payload: bytes) -> list[bytes]:
    """Raises ImportRefused where there are more than an import may have rows."""
    if payload.count(b"\n") + payload.count(b"\r") > 2 * settings.MAX_ROWS:
        raise ImportRefused(
            f"There are more than {2 * settings.MAX_ROWS:,} lines in it: send them in"
            " several."
        )
    if b"\r" in payload:
        payload = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return payload.split(b"\n")


def _cells(text: str, separator: str, width: int) -> list[str]:
    cells = text.split(separator)
    if '"' not in text:
        return cells
    plain = [_unwrapped(cell) for cell in cells]
    if len(plain) == width:
        return plain
    quoted = _quoted(text, separator)
    return quoted if abs(len(quoted) - width) < abs(len(plain) - width) else plain


def _quoted(text: str, separator: str) -> list[str]:
    """The cells of proper CSV; none where the line is not."""
    try:
        return next(csv.reader([text], delimiter=separator), [])
    except csv.Error:
        return []


def _unwrapped(cell: str) -> str:
    """A cell without the quotes around it, if there are both."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


#: "[1,2,3]", as scrapers write lists into one cell.
_LIST = re.compile(r"\s*\[(.*)\]\s*")


def listed(cell: str) -> list[str] | None:
    """The texts of a list in a cell; None for what is no list."""
    found = _LIST.fullmatch(cell)
    if not found:
        return None
    return [each.strip().strip("\"'") for each in found[1].split(",")]
