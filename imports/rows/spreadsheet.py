"""Rows of an import as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from imports.rows.listing import RowDocument
from scores.json_columns import dump_json

HEADER = (
    "position",
    "line",
    "outcome",
    "type",
    "message",
    "scoreID",
    "heldBy",
    "differs",
    "filled",
    "input",
)
#: A spreadsheet takes a cell that begins with one of them for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(rows: Iterable[RowDocument]) -> str:
    """A line of headers and one of each row; names are in one cell, with spaces between
    them, and the input is JSON. A text that could be a formula begins with an
    apostrophe.
    """
    return table(HEADER, map(_values, rows))


def table(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """A line of headers and one of each row's values, as CSV. A text that could be a
    formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for values in rows:
        writer.writerow([_cell(value) for value in values])
    return text.getvalue()


def _values(row: RowDocument) -> Iterable[Any]:
    *others, sent = (row[name] for name in HEADER)  # type: ignore[literal-required]
    yield from (" ".join(each) if isinstance(each, list) else each for each in others)
    yield None if sent is None else dump_json(sent).decode()


def _cell(value: Any) -> Any:
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value
