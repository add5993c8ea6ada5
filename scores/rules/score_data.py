"""Score data, in the form of the wire, and how formulas read it and a chart's data.

Formulas are asked about whatever was sent, or stored under older rules. The readers
look at a value before anybody computes with it or looks it up: what is missing or of
another kind is Impossible. Relations compare and do not compute: they use `compared`.
"""

from collections.abc import Mapping
from typing import TypeVar

from scores.rules.javascript import MAX_SAFE_INTEGER
from scores.rules.problems import Impossible

#: Metrics by name, with `judgements` and `optional`; once derived, `enumIndexes`.
ScoreData = Mapping[str, object]

Value = TypeVar("Value")

_NOTHING: Mapping[str, object] = {}
_LOWEST = -MAX_SAFE_INTEGER


def value_of(data: Mapping[str, object], name: str) -> object:
    """What stands there; None where nothing does, or where the data are no object."""
    try:
        return data[name]
    except (KeyError, TypeError):
        return None


def number(data: Mapping[str, object], name: str) -> float:
    """A number within ±(2^53 - 1), so that no formula overflows. Raises Impossible."""
    try:
        value: float = data[name]  # type: ignore[assignment]  # The next line looks.
        if _LOWEST <= value <= MAX_SAFE_INTEGER:
            return value
    except (KeyError, TypeError):
        pass
    raise Impossible("value-not-a-number", f"{name} is not a number.")


def number_or_none(data: Mapping[str, object], name: str) -> float | None:
    """A number; None where it is null or missing. Raises Impossible."""
    return None if value_of(data, name) is None else number(data, name)


def text(data: Mapping[str, object], name: str) -> str:
    """A text. Raises Impossible."""
    value = value_of(data, name)
    if isinstance(value, str):
        return value
    raise Impossible("value-not-a-text", f"{name} is not a text.")


def section(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    """An object; an empty one where it is null or missing. Raises Impossible."""
    value = value_of(data, name)
    if isinstance(value, dict):
        return value
    if value is None:
        return _NOTHING
    raise Impossible("value-not-an-object", f"{name} is not an object.")


def array(data: Mapping[str, object], name: str) -> list[object]:
    """A list of anything. Raises Impossible."""
    value = value_of(data, name)
    if isinstance(value, list):
        return value
    raise Impossible("value-not-an-array", f"{name} is not a list.")


def find(
    table: Mapping[str, Value], data: Mapping[str, object], name: str
) -> Value | None:
    """What a table has for the word that stands there, None for anything else."""
    word = value_of(data, name)
    return table.get(word) if isinstance(word, str) else None


def look_up(table: Mapping[str, Value], data: Mapping[str, object], name: str) -> Value:
    """What a table has for the word that stands there. Raises Impossible."""
    found = find(table, data, name)
    if found is None:
        raise Impossible("unknown-enum-value", f"Unknown value of {name}.")
    return found


def judged(score_data: ScoreData, *names: str) -> float:
    """The sum of these judgements; a missing or null one counts nothing."""
    judgements = section(score_data, "judgements")
    total: float = 0
    for name in names:
        count = judgements.get(name)
        if type(count) is int or type(count) is float:
            total += count
    return total


def all_judged(score_data: ScoreData, *names: str) -> list[float] | None:
    """The counts of these judgements, or None where one of them is missing or null."""
    judgements = section(score_data, "judgements")
    counts: list[float] = []
    for name in names:
        count = judgements.get(name)
        if type(count) is int or type(count) is float:
            counts.append(count)
        else:
            return None
    return counts
