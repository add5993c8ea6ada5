"""Grades: the lowest value of each, and how far a value is from the next ones."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from scores.rules.javascript import compact, number_text
from scores.rules.problems import Impossible


class Deltas(NamedTuple):
    """Texts such as "AA+1.2M" and "(AAA+)-30K"; `upper` is None at the top."""

    lower: str
    upper: str | None
    closer: Literal["lower", "upper"]


@dataclass(frozen=True)
class Grades:
    """Each grade with the lowest value that earns it, ascending."""

    bounds: tuple[tuple[str, float], ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.bounds)

    @cached_property
    def lowest(self) -> tuple[float, ...]:
        return tuple(bound for _, bound in self.bounds)

    def of(self, value: float) -> str:
        """The highest grade whose bound is not above the value.

        Raises Impossible below every bound, and for NaN.
        """
        if not value >= self.lowest[0]:
            raise Impossible(
                "no-grade-for-value", f"There is no grade for {number_text(value)}."
            )
        return self.names[bisect_right(self.lowest, value) - 1]

    def deltas(
        self, grade: str, value: float, text: Callable[[float], str] = compact
    ) -> Deltas:
        """How far the value is above its grade and below the next.

        `closer` names the nearer one, but never a lower text that begins "(MAX-)+".
        """
        at = self.names.index(grade)
        over = value - self.lowest[at]
        lower = f"{_wrapped(grade)}+{text(over)}"
        if at + 1 == len(self.names):
            return Deltas(lower, None, "lower")
        under = value - self.lowest[at + 1]
        upper = f"{_wrapped(self.names[at + 1])}{text(under)}"
        nearer_below = over + under < 0 and not lower.startswith("(MAX-)+")
        return Deltas(lower, upper, "lower" if nearer_below else "upper")


def _wrapped(grade: str) -> str:
    return f"({grade})" if grade.endswith(("+", "-")) else grade
