"""Classes: dans that players were given, and colours that follow from ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class ClassRow(NamedTuple):
    """One class: its id, how it is shown, and what it means."""

    id: str
    display: str
    hover_text: str | None


@dataclass(frozen=True)
class ClassSet:
    """The classes of one kind, lowest first. Built by `provided` and `derived`.

    A derived set has a profile `rating` and the `thresholds` of its classes in it.
    `minimum_relevant` and `minimum_scores` say when a change is worth announcing.
    """

    rows: tuple[ClassRow, ...]
    rating: str | None = None
    thresholds: tuple[float, ...] = ()
    minimum_relevant: str | None = None
    minimum_scores: int | None = None

    @property
    def provided(self) -> bool:
        """Whether an import says it; otherwise it is derived from a rating."""
        return self.rating is None

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.rows)

    def index(self, class_id: str | None) -> int | None:
        """The position of a class; None for what is not one of them."""
        return self.values.index(class_id) if class_id in self.values else None

    def better(self, new: str | None, old: str | None) -> bool | None:
        """Whether `new` is above `old`; None where there is nothing to compare.

        Anything is better than an old value that is no class any more.
        """
        if old is None or self.index(new) is None:
            return None
        before = self.index(old)
        return before is None or self.index(new) > before

    def derive(self, ratings: Mapping[str, float | None]) -> str | None:
        """The class that the profile ratings give; none without the rating."""
        value = ratings.get(self.rating)
        if value is None:
            return None
        reached = sum(value >= threshold for threshold in self.thresholds[1:])
        return self.values[reached]


def provided(*rows: tuple[str, str, str | None], **rest) -> ClassSet:
    """Classes that only an import can give: rows of (id, display, hover text)."""
    return ClassSet(tuple(ClassRow(*row) for row in rows), **rest)


def derived(
    rating: str, rows: tuple[tuple[str, float, str, str | None], ...], **rest
) -> ClassSet:
    """Classes by a profile rating: rows of (id, lowest rating, display, hover text).

    The first class takes everything below the second, whatever its own bound says.
    """
    return ClassSet(
        tuple(ClassRow(id_, display, hover) for id_, _, display, hover in rows),
        rating=rating,
        thresholds=tuple(lowest for _, lowest, _, _ in rows),
        **rest,
    )
