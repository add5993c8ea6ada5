"""Which numbers a metric may have: on every chart, or on this one."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scores.rules.charts import Chart
from scores.rules.javascript import MAX_SAFE_INTEGER, is_safe_integer, number_text
from scores.rules.problems import Problem


class Rule(NamedTuple):
    """A range that holds on every chart. `accepts` is asked about numbers only.

    `schema` says the same as JSON Schema.
    """

    code: str
    text: str
    accepts: Callable[[float], bool]
    schema: Mapping[str, Any]


#: Asked about any value that was sent: it compares with `compared`.
ChartRule = Callable[[object, Chart], Problem | None]


def between(low: float, high: float) -> Rule:
    """low <= value <= high."""
    bounds = f"{number_text(low)} and {number_text(high)}"
    return Rule(
        "out-of-range",
        f"Expected a number between {bounds}.",
        lambda value: low <= value <= high,
        {"minimum": low, "maximum": high},
    )


def whole_between(low: int, high: int) -> Rule:
    """A whole number with low <= value <= high."""
    return Rule(
        "not-an-integer-in-range",
        f"Expected an integer between {low} and {high}.",
        lambda value: low <= value <= high and is_safe_integer(value),
        {"type": "integer", "minimum": low, "maximum": high},
    )


#: The field says positive and means "not negative".
POSITIVE = Rule(
    "negative",
    "Expected a positive number.",
    lambda value: value >= 0,
    {"minimum": 0},
)
COUNT = Rule(
    "not-a-non-negative-integer",
    "Expected a positive integer.",
    lambda value: 0 <= value <= MAX_SAFE_INTEGER and is_safe_integer(value),
    {"type": "integer", "minimum": 0, "maximum": MAX_SAFE_INTEGER},
)
