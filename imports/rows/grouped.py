"""Rows of an import that made no score of their own, grouped by what is told of
them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from imports.rows.packed import Row

PLACES = 20  # of a group that are listed
#: What to look at first.
ORDER = ("rejected", "orphaned", "blocked", "held")


@dataclass
class Group:
    """Rows of one outcome and message.

    `places` are the first of their line numbers, or row numbers, both from 1 on, where
    the input has no lines.
    """

    outcome: str
    type: str | None
    message: str | None
    count: int = 0
    in_lines: bool = False
    places: list[int] = field(default_factory=list)

    @property
    def unlisted(self) -> int:
        return self.count - len(self.places)


def grouped(rows: Iterable[Row]) -> list[Group]:
    """The groups of all rows but the imported: what matters most first, then size."""
    groups: dict[tuple[str, str | None, str | None], Group] = {}
    for row in rows:
        if row.outcome == "imported":
            continue
        key = row.outcome, row.type, row.message
        group = groups.setdefault(key, Group(*key))
        group.count += 1
        group.in_lines = row.line is not None
        if len(group.places) < PLACES:
            group.places.append(row.position + 1 if row.line is None else row.line)
    return sorted(
        groups.values(), key=lambda group: (ORDER.index(group.outcome), -group.count)
    )
