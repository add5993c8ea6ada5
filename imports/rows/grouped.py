"""Rows of an import that made no score of their own, grouped by what is told of
them.

However many rows there are, and whatever they say: MOST_GROUPS groups at most, and
every row is in one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from imports.rows.listing import BLOCKED
from imports.rows.packed import Row

PLACES = 20  # of a group that are listed
RANGES = 12  # of them that are named in words
EXAMPLES = 5  # of messages, where a group has many
MOST_GROUPS = 30
#: What to look at first.
ORDER = ("rejected", "orphaned", "blocked", "held")
REPEATED = "It says the same as an earlier row of this import."
KNOWN = "This score is known already."

Kind = tuple[str, str | None]


class Example(NamedTuple):
    """A row of a group of many messages: where it is, and what is told of it."""

    place: int
    message: str


@dataclass
class Group:
    """Rows of one outcome and type, that one message is told of, or `messages` many.

    `message` is None where there are many, and `examples` has the first of them; also
    where nothing is to be told of rows that are held. `all_places` are their line
    numbers, or row numbers, both from 1 on, where the input has no lines.
    """

    outcome: str
    type: str | None
    message: str | None
    in_lines: bool = False
    all_places: list[int] = field(default_factory=list)
    messages: int = 1
    examples: list[Example] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.all_places)

    @property
    def places(self) -> list[int]:
        """The first of them."""
        return self.all_places[:PLACES]

    @property
    def unlisted(self) -> int:
        """How many rows are not among `places`."""
        return max(0, self.count - PLACES)

    @property
    def text(self) -> str:
        """What is told of these rows, in words."""
        if self.messages > 1:
            return f"{self.messages:,} different messages."
        return self.message or KNOWN

    @property
    def where(self) -> str:
        """ "line 7", "rows 1–4,282", "lines 2–40, 43 and 3 more"."""
        ranges = list(islice(_ranges(self.all_places), RANGES))
        left = self.count - sum(last - first + 1 for first, last in ranges)
        told = ", ".join(
            f"{first:,}" if first == last else f"{first:,}–{last:,}"
            for first, last in ranges
        )
        noun = f"{'line' if self.in_lines else 'row'}{'s' * (self.count != 1)}"
        return f"{noun} {told}{f' and {left:,} more' if left else ''}"


def grouped(rows: Iterable[Row]) -> list[Group]:
    """The groups of all rows but the imported: what matters most first, then size.

    Where there would be more than MOST_GROUPS, the most frequent messages of each type
    keep their own, and all others of the type are one.
    """
    groups: dict[tuple[str, str | None, str | None], Group] = {}
    for row in rows:
        if row.outcome == "imported":
            continue
        key = row.outcome, row.type, _message(row)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(*key, in_lines=row.line is not None)
        place = row.position + 1 if row.line is None else row.line
        group.all_places.append(place)
    return sorted(_few(list(groups.values())), key=_place)


def _message(row: Row) -> str | None:
    if row.outcome == "blocked":
        return BLOCKED
    return row.message or (None if row.repeats is None else REPEATED)


def _place(group: Group) -> tuple[int, bool, int, int]:
    """What matters most is first; groups of many messages come behind their like."""
    many = group.messages > 1
    return ORDER.index(group.outcome), many, -group.count, group.places[0]


def _few(groups: list[Group]) -> list[Group]:
    if len(groups) <= MOST_GROUPS:
        return groups
    kinds: dict[Kind, list[Group]] = defaultdict(list)
    for group in groups:
        kinds[group.outcome, group.type].append(group)
    own = max(MOST_GROUPS // len(kinds) - 1, 0)
    found: list[Group] = []
    for alike in kinds.values():
        alike.sort(key=lambda group: (-group.count, group.places[0]))
        kept = [group for group in alike[:own] if group.count > 1]
        found += kept
        if others := alike[len(kept) :]:
            found.append(_together(others))
    return found


def _together(groups: list[Group]) -> Group:
    """One group of groups of the same outcome and type."""
    if len(groups) == 1:
        return groups[0]
    groups.sort(key=lambda group: group.places[0])
    outcome, type_ = groups[0].outcome, groups[0].type
    every = sorted(place for group in groups for place in group.all_places)
    examples = [Example(group.places[0], group.text) for group in groups[:EXAMPLES]]
    return Group(outcome, type_, None, groups[0].in_lines, every, len(groups), examples)


def _ranges(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that ascend, as ranges without gaps."""
    first = last = None
    for place in places:
        if first is None or last is None:
            first = place
        elif place > last + 1:
            yield first, last
            first = place
        last = place
    if first is not None and last is not None:
        yield first, last
