"""What a score says, composed of all its live claims in the order of their sequence.

Who played what, and how, is the same in all claims. The first, the owner's, is the
beginning. Each later one fills what is missing by then and never overwrites: the time,
the comment, the judgements as a whole, each optional metric, each score meta. One that
names another time than the score has by then speaks of another play and fills nothing.

Pure: claims come as reports (`imports.reports`), and nothing here reads the database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

#: What later claims may fill of a report, by the names of its fields.
FILLABLE = ("time_achieved", "comment", "judgements", "optional", "score_meta")
ENUM_INDEXES = "enumIndexes"  # stands among the optional metrics and is none of them
PREFIXES = {"score_meta": "scoreMeta.", "optional": "scoreData.optional."}

#: The reported fields by name, with `position` and `time_added`.
Reported = dict[str, Any]


class Held(NamedTuple):
    """A row whose score was known: what it says otherwise, and what it filled.

    Names as in the score's document: `timeAchieved`, `comment`, `scoreMeta.KEY`,
    `scoreData.optional.NAME`, `scoreData.judgements`. `known_time` is when the score
    was achieved, in unix milliseconds, where the row says another time.
    """

    differs: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    known_time: int | None = None


class Said(NamedTuple):
    """One thing that a claim says: its name, and where it stands in a report."""

    name: str
    field: str
    key: str | None
    value: Any


@dataclass(slots=True)
class Composition:
    """What a score says so far, under the names of the owner's report.

    Its time is of the claim with the sequence `timed_by`, made at `timed_at` (unix
    milliseconds); both are None while the owner's own time, or none, is there.
    """

    report: Reported
    timed_by: int | None = None
    timed_at: int | None = None

    def add(self, claim: Reported, sequence: int) -> Held:
        """The next claim, at its import's sequence; what it said and filled."""
        held = compare(self.report, claim)
        if held.filled:
            self.report = _filled(self.report, claim, set(held.filled))
            if "timeAchieved" in held.filled:
                self.timed_by, self.timed_at = sequence, claim["time_added"]
        return held

    def kept_apart(self, own: Reported) -> dict[str, Any] | None:
        """The owner's own word, where that is not what the score says now."""
        apart = {name: own[name] for name in FILLABLE if own[name] != self.report[name]}
        return apart or None


def compare(said: Reported, claim: Reported) -> Held:
    """What a claim says otherwise than a score so far, and what it would fill."""
    differs, filled = [], []
    for name, field, key, value in _said(claim):
        now = _value(said, field, key)
        if now is None:
            filled.append(name)
        elif now != value:
            differs.append(name)
    if "timeAchieved" in differs:  # of another play
        return Held(tuple(differs), known_time=said["time_achieved"])
    return Held(tuple(differs), tuple(filled))


def says_more(said: Reported, claim: Reported) -> bool:
    """Whether a claim says anything of which a report says nothing.

    If not, it fills nothing, and differs as from the report, whatever came between.
    """
    return any(_value(said, each.field, each.key) is None for each in _said(claim))


def _said(report: Reported) -> Iterator[Said]:
    """All that is not missing in a report, in the order of its document."""
    for name, field in (("timeAchieved", "time_achieved"), ("comment", "comment")):
        if (value := _value(report, field, None)) is not None:
            yield Said(name, field, None, value)
    for field, prefix in PREFIXES.items():
        for key, value in report[field].items():
            if value is not None and key != ENUM_INDEXES:
                yield Said(prefix + key, field, key, value)
    if (counts := _value(report, "judgements", None)) is not None:
        yield Said("scoreData.judgements", "judgements", None, counts)


def _value(report: Reported, field: str, key: str | None) -> Any:
    """What stands there; None where that is nothing, such as an empty comment."""
    value = report[field]
    if key is not None:
        return value.get(key)
    if field == "judgements":
        return _counted(value) or None
    return value if field == "time_achieved" else value or None


def _counted(judgements: Mapping[str, Any]) -> dict[str, Any]:
    return {name: count for name, count in judgements.items() if count is not None}


def _filled(report: Reported, claim: Reported, names: set[str]) -> Reported:
    """The report with these things of the claim; nothing in either is changed."""
    filled = dict(report)
    for name, field, key, _ in _said(claim):
        if name not in names:
            continue
        if key is None:
            filled[field] = claim[field]
        else:
            filled[field] = _with(filled[field], key, claim[field][key])
    return filled


def _with(section: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The section with one more value; `enumIndexes` stays the last of them."""
    last = {k: v for k, v in section.items() if k == ENUM_INDEXES}
    rest = {k: v for k, v in section.items() if k != ENUM_INDEXES}
    return {**rest, key: value, **last}
