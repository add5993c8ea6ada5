"""What an import holds now: its scores by title, sessions, classes and orphans.

Of a thousand scores only the first are shown, and never more statements are made.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Count

from imports.class_review.listing import named_with_set
from imports.models import Import, State
from scores.documents.session_edits import default_name
from scores.games import GAMES
from scores.models import ClassClaim, PersonalBest, Score, Session
from scores.rules.metrics import Kind
from tachi.admin.formatting import EMPTY, detail_link, format_milliseconds
from tachi.admin.looking import may_look_at

SCORES, SESSIONS = 50, 20  # that are shown
MOST_BESTS = 1_000  # scores of which it is asked whether they are the best


class Line(NamedTuple):
    """A score: on which chart, its value, grade and lamp, and when it was achieved."""

    chart: str
    value: str
    grade: str
    lamp: str
    achieved: str


class Played(NamedTuple):
    """A session, and how many of its scores are of the import."""

    name: str
    started: str
    scores: int
    of: int


class Class(NamedTuple):
    """A class that it provided, and whether it counts."""

    name: str
    state: str


def holdings(import_: Import) -> dict[str, Any]:
    """What the page tells of them, by its names; of what may not be seen, how much."""
    counted = Score.objects.filter(source_import=import_).order_by().values("gpt")
    by_gpt = {
        each["gpt"]: each["count"] for each in counted.annotate(count=Count("pk"))
    }
    total = sum(by_gpt.values())
    seen = may_look_at("scores_score")
    return {
        "by_gpt": {gpt.replace(":", " "): count for gpt, count in by_gpt.items()},
        "score_count": total,
        "scores": _scores(import_) if total and seen else [],
        "bests": _bests(import_) if 0 < total <= MOST_BESTS else None,
        **_sessions(import_, total),
        "classes": _classes(import_) if may_look_at("scores_classclaim") else [],
        "class_changes": [_change(each) for each in import_.class_deltas],
        "orphan_count": import_.orphans.count(),
    }


def _scores(import_: Import) -> list[Line]:
    found = Score.objects.filter(source_import=import_).order_by("position")
    return [_line(score) for score in found.select_related("chart__song")[:SCORES]]


def _line(score: Score) -> Line:
    data, game = score.score_data, GAMES.get(score.gpt)
    value = ""
    if game is not None:
        metric = game.metrics[game.default_metric]
        number = data.get(game.default_metric)
        if number is not None and metric.kind in (Kind.INTEGER, Kind.DECIMAL):
            value = metric.text(number)
    return Line(
        detail_link(score.chart, "scores_score", score.pk),
        value or EMPTY,
        data.get("grade") or EMPTY,
        data.get("lamp") or EMPTY,
        format_milliseconds(score.time_achieved),
    )


def _bests(import_: Import) -> int:
    """How many personal bests have a score of it in them."""
    own = Score.objects.filter(source_import=import_).order_by()
    ids = set(own.values_list("score_id", flat=True))
    bests = PersonalBest.objects.filter(
        user=import_.user_id, chart__in=own.values("chart")
    )
    composed = bests.values_list("composed_from", flat=True)
    return sum(any(part["scoreID"] in ids for part in parts) for parts in composed)


def _sessions(import_: Import, scores: int) -> dict[str, Any]:
    if not scores:
        return {"session_count": 0, "sessions": []}
    own = Score.objects.filter(source_import=import_, session__isnull=False).order_by()
    counted = own.aggregate(count=Count("session", distinct=True))["count"]
    if not counted or not may_look_at("scores_session"):
        return {"session_count": counted, "sessions": []}
    first = own.values("session").annotate(count=Count("pk")).order_by("session")
    rows: Iterable[Any] = first[:SESSIONS]
    count_of = {each["session"]: each["count"] for each in rows}
    found = Session.objects.filter(pk__in=count_of).order_by("time_started", "pk")
    return {
        "session_count": counted,
        "sessions": [
            Played(
                detail_link(default_name(each.session_id), "scores_session", each.pk),
                format_milliseconds(each.time_started),
                count_of[each.pk],
                each.of,
            )
            for each in found.annotate(of=Count("scores"))
        ],
    }


def _classes(import_: Import) -> list[Class]:
    claims = import_.classes.order_by("pk")
    return [
        Class(
            detail_link(named_with_set(each), "scores_classclaim", each.pk),
            _standing(import_, each),
        )
        for each in claims
    ]


def _standing(import_: Import, claim: ClassClaim) -> str:
    if claim.withdrawn_at is not None:
        return "withdrawn"
    if claim.kept_at is not None:
        return "kept"
    return "to review" if import_.state == State.REVERTED else "in force"


def _change(delta: Mapping[str, Any]) -> str:
    """ "sdvx Single dan: 4th Dan → 5th Dan"."""
    game = GAMES.get(f"{delta['game']}:{delta['playtype']}")
    old, new = (
        game.class_name(delta["set"], value) if game and value else value or "none"
        for value in (delta.get("old"), delta.get("new"))
    )
    return f"{delta['game']} {delta['playtype']} {delta['set']}: {old} → {new}"
