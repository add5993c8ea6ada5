"""What came of an import, for its page: each part is a statement or two."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, Min, OuterRef, Q

from imports.failures import MOST_LISTED
from imports.formats.refusals import cut
from imports.models import Import, Orphan
from imports.pages import words
from imports.pages.words import Played
from imports.rows.grouped import Group, grouped
from imports.rows.outcomes import ORPHANED
from imports.rows.packed import Row
from imports.undo.words import named_classes
from scores.documents.session_edits import shown_on
from scores.games import GAMES
from scores.models import Score, Session

SCORES_SHOWN = 50
SESSIONS_SHOWN = 20
ORPHANS_SHOWN = 20


class PlayedIn(NamedTuple):
    """A session that holds scores of an import."""

    name: str
    game: str
    started: datetime | None
    scores: int
    is_new: bool


@dataclass(frozen=True)
class Missing:
    """What orphans of an import lack, and how many lack it."""

    message: str
    count: int
    since: datetime | None


class NewClass(NamedTuple):
    """A class that an import changed."""

    game: str
    set: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Failures:
    """Rows that made no score, in groups; `unlisted` are those of which no more is
    kept.
    """

    groups: list[Group]
    unlisted: int


def scores_of(import_: Import, number: str | None) -> tuple[list[Played], Any]:
    """A page of the scores that it owns now, in their order, and the page itself."""
    owned = Score.objects.filter(source_import=import_).order_by("position")
    owned = owned.select_related("chart__song").defer("own", "score_meta")
    shown = Paginator(owned, SCORES_SHOWN).get_page(number)
    return words.played(shown.object_list), shown


def sessions_of(import_: Import) -> tuple[list[PlayedIn], int]:
    """The first sessions that hold its scores, and how many more there are."""
    owned = Score.objects.filter(source_import=import_)
    found = Session.objects.filter(pk__in=owned.values("session"))
    anchors = owned.filter(score_id=OuterRef("anchor"))
    of_it = Q(scores__source_import=import_)
    rows = found.annotate(
        of_it=Count("scores", filter=of_it), is_new=Exists(anchors)
    ).order_by("time_started", "session_id")
    shown = list(rows[: SESSIONS_SHOWN + 1])
    more = found.count() - SESSIONS_SHOWN if len(shown) > SESSIONS_SHOWN else 0
    del shown[SESSIONS_SHOWN:]
    names = shown_on(shown)
    return [
        PlayedIn(
            names[each.pk].name,
            GAMES[each.gpt].display_name,
            words.moment_of(each.time_started),
            each.of_it,
            each.is_new,
        )
        for each in shown
    ], more


def orphans_of(import_: Import) -> tuple[list[Missing], int]:
    """What its orphans wait for now, most first, and how many more orphans it has."""
    waiting = Orphan.objects.filter(source_import=import_).order_by()
    told = waiting.values(missing=F("message")).annotate(
        count=Count("pk"), since=Min("time_inserted"), first=Min("position")
    )
    shown = list(told.order_by("-count", "first")[: ORPHANS_SHOWN + 1])
    listed = [
        Missing(each["missing"], each["count"], words.moment_of(each["since"]))
        for each in shown
    ]
    if len(listed) <= ORPHANS_SHOWN:
        return listed, 0
    del listed[ORPHANS_SHOWN:]
    return listed, waiting.count() - sum(each.count for each in listed)


def failures_of(import_: Import) -> Failures:
    """The rows that were rejected, or are orphans, as the import keeps them: no row is
    read, so it costs the same for however many.
    """
    listed = import_.errors[:MOST_LISTED]
    groups = grouped(_failed(import_))
    unlisted = max(len(import_.errors), import_.failed_rows) - len(listed)
    return Failures(groups, max(0, unlisted))


def _failed(import_: Import) -> Iterator[Row]:
    for at, error in enumerate(import_.errors[:MOST_LISTED]):
        yield Row(
            error.get("position", at),
            "orphaned" if error["type"] in ORPHANED else "rejected",
            error.get("line"),
            error["type"],
            cut(error["message"]),
        )


def classes_of(deltas: Iterable[Mapping[str, Any]]) -> list[NewClass]:
    """The classes that an import changed, or would change, by their names."""
    return [
        NewClass(
            GAMES[f"{each['game']}:{each['playtype']}"].display_name,
            each["set"],
            *named_classes(each),
        )
        for each in deltas
    ]
