"""What a format is: bytes to entries, and entries to drafts of scores or failures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from imports.failures import FailureType
from imports.formats.refusals import ImportRefused, cut
from scores.models import Chart
from scores.seeds.unlisted import ToldOfChart

__all__ = ["ImportRefused"]  # with what is defined here, what formats need


@dataclass(frozen=True, slots=True)
class Input:
    """What was sent. `received_at` is the time of the request in unix milliseconds."""

    payload: bytes
    filename: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    received_at: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the input says, not yet compared with any chart.

    Entries and context are JSON values: an orphan keeps both. `classes` are those the
    sender declares, {"sdvx:Single": {"dan": "DAN_10"}}. `lines` has the line of each
    entry, counted from 1, where the input is written in lines: it is no part of the
    entry, since the same play is the same orphan wherever it stands.
    """

    game: str
    entries: list[Any]
    context: dict[str, Any]
    service: str
    classes: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A score as its source tells it: neither derived, rated nor validated.

    `position` is the entry's index; `score_data` holds the provided metrics,
    `judgements` and `optional` as sent. `time_achieved` is in unix milliseconds.
    `highlight`: the player wants it marked, as by an edit. `note` tells what of the
    entry was left out, and why.
    """

    position: int
    chart: Chart
    service: str
    import_type: str
    comment: str | None
    time_achieved: int | None
    score_data: dict[str, Any]
    score_meta: dict[str, Any]
    highlight: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An entry that makes no score, and why: a type of the wire and a message.

    `data` is the entry; those of type SongOrChartNotFound are kept as orphans. Of
    what is `told` of the chart, it is made when enough have played it (`chart_queue`).
    """

    position: int
    type: FailureType
    message: str
    data: Any
    told: ToldOfChart | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", cut(self.message))


@dataclass(frozen=True, slots=True)
class Field:
    """A column, element or key of the input, or a field beside it, and its meaning."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class About:
    """What players and authors of clients read of a format, in docs/formats.md.

    `origin` says where one gets it; `fields` are those of the input, `form` the text
    fields that stand beside the file; `sample` is a small input that is right. `asked`
    are parameters that a hook's address or headers give, or `import_scores --field`.
    """

    title: str
    text: str
    origin: str
    fields: tuple[Field, ...]
    sample: str
    form: tuple[Field, ...] = ()
    asked: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One import type, for these games.

    `parse` raises ImportRefused; what is no play (an empty cell, a chart never played)
    is no entry. `convert(entries, context)` gives one outcome for each entry, in their
    order, matches all of them in a few queries, and never raises for what an entry
    says. `servers` are the kinds of server that offer it (an omni server is both).
    `recognises(bytes, filename)` says by what a file shows to be of this format, if so.
    `as_playtype(input, playtype)` is what would have been sent for another playtype of
    the same game, where the sender said one for all of it; it raises ImportRefused
    where that cannot be. There is none where each play says its own, or its chart does.
    """

    import_type: str
    parse: Callable[[Input], Parsed]
    convert: Callable[[Sequence[Any], dict[str, Any]], list[Draft | Failure]]
    about: About
    games: tuple[str, ...]
    servers: tuple[str, ...] = ("kamai", "boku")
    recognises: Callable[[bytes, str], str | None] | None = None
    as_playtype: Callable[[Input, str], Input] | None = None


def require_at_most(rows: int) -> None:
    """Raise ImportRefused when an import has more rows than MAX_ROWS."""
    if rows > settings.MAX_ROWS:
        raise ImportRefused(
            f"There are {rows:,} scores in it, and an import may have at most"
            f" {settings.MAX_ROWS:,}: send them in several."
        )
