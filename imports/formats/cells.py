"""What a cell of a file says."""

from collections.abc import Callable, Sequence
from typing import Any

from imports.failures import FailureType
from imports.formats.outcomes import NoScore
from imports.matching import NoMatch
from imports.matching.numbers import safe_integer
from scores.models import Chart

#: What sites and converters write where there is nothing.
PLACEHOLDERS = {"", "-", "--", "---", "－", "—", "–", "ー"}


class WrongCell(NoScore):
    """A cell that means nothing: why, for the player."""


def is_empty(text: str) -> bool:
    """Whether there is nothing in a cell, or what stands for nothing."""
    return text.strip() in PLACEHOLDERS


def count(text: str, what: str, most: int | None = None) -> int:
    """The whole number from 0 on that a cell is. Raises WrongCell."""
    number = safe_integer(text)
    if number is None or number < 0 or (most is not None and number > most):
        limit = f" and at most {most:,}" if most is not None else ""
        raise WrongCell(f"{what} has to be a whole number from 0 on{limit}: {text!r}.")
    return number


def word(text: str, words: dict[str, str], what: str) -> str:
    """What a word of the format means. Raises WrongCell for an unknown one."""
    if text not in words:
        known = ", ".join(words)
        raise WrongCell(f"Unknown {what} {text!r}: expected any of {known}.")
    return words[text]


def faulty(problem: str) -> dict[str, Any]:
    """The entry of a row that could not be taken apart."""
    return {"problem": problem}


def with_sound(
    entries: Sequence[dict[str, Any]],
    convert: Callable[[list[dict[str, Any]]], list[Chart | NoMatch]],
) -> list[Chart | NoMatch]:
    """What is found for each entry; for those that could not be taken apart, why."""
    found = iter(convert([entry for entry in entries if "problem" not in entry]))
    return [
        NoMatch(FailureType.INVALID, entry["problem"])
        if "problem" in entry
        else next(found)
        for entry in entries
    ]
