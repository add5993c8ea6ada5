"""Classes: dans that imports provide, and colours that are derived from ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class ClassRow(NamedTuple):
    """One class: its id, the text shown for it, and an explanation."""

    id: str
    display: str
    hover_text: str | None


@dataclass(frozen=True)
class ClassSet:
    """The classes of one kind, lowest first. Built by `provided` and `derived`.

    A derived set has a profile `rating` and the `thresholds` of its classes in it.
    `minimum_relevant` and `minimum_scores` say when a change is worth announcing.
    `named_by_hover`: the explanations are the classes' names in plain English, up to a
    colon; else what is displayed is.
    """

    rows: tuple[ClassRow, ...]
    rating: str | None = None
    thresholds: tuple[float, ...] = ()
    minimum_relevant: str | None = None
    minimum_scores: int | None = None
    named_by_hover: bool = False

    @property
    def provided(self) -> bool:
        """Whether an import provides it; otherwise it is derived from a rating."""
        return self.rating is None

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.rows)

    def name(self, class_id: str) -> str:
        """What a class is called: "7th Dan"; its id if it is no class any more."""
        return self._names.get(class_id, class_id)

    @cached_property
    def _names(self) -> dict[str, str]:
        if not self.named_by_hover:
            return {row.id: row.display for row in self.rows}
        return {row.id: (row.hover_text or "").partition(":")[0] for row in self.rows}

    def index(self, class_id: str | None) -> int | None:
        """The position of a class; None for what is not one of them."""
        if class_id is None or class_id not in self.values:
            return None
        return self.values.index(class_id)

    def better(self, new: str | None, old: str | None) -> bool | None:
        """Whether `new` is above `old`; None without an old value or a known new one.

        Any class is better than an old value that is no longer a class.
        """
        before, now = self.index(old), self.index(new)
        if old is None or now is None:
            return None
        return before is None or now > before

    def derive(self, ratings: Mapping[str, float | None]) -> str | None:
        """The class that the profile ratings give; none without the rating."""
        value = ratings.get(self.rating) if self.rating else None
        if value is None:
            return None
        reached = sum(value >= threshold for threshold in self.thresholds[1:])
        return self.values[reached]


def provided(
    *rows: tuple[str, str, str | None], named_by_hover: bool = False
) -> ClassSet:
    """Classes that only an import can give: rows of (id, display, hover text)."""
    return ClassSet(
        tuple(ClassRow(*row) for row in rows), named_by_hover=named_by_hover
    )


def derived(
    rating: str,
    rows: tuple[tuple[str, float, str, str | None], ...],
    *,
    minimum_relevant: str | None = None,
    minimum_scores: int | None = None,
    named_by_hover: bool = False,
) -> ClassSet:
    """Classes by a profile rating: rows of (id, lowest rating, display, hover text).

    The first class has no lower limit: its own bound is not looked at.
    """
    return ClassSet(
        tuple(ClassRow(id_, display, hover) for id_, _, display, hover in rows),
        rating=rating,
        thresholds=tuple(lowest for _, lowest, _, _ in rows),
        minimum_relevant=minimum_relevant,
        minimum_scores=minimum_scores,
        named_by_hover=named_by_hover,
    )
