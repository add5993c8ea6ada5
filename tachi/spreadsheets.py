"""Cells for spreadsheets, which run what looks like a formula."""

from typing import Any

#: A spreadsheet takes a cell that begins with one of them for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> Any:
    """A value for a cell; a text that could be a formula begins with an apostrophe."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value
