"""How much a score improved on the best from before its session began."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any, NotRequired, TypedDict

import orjson
from django.db.models import QuerySet

from scores.games import GAMES
from scores.json_columns import json_text
from scores.models import Score, Session
from scores.rules.bests import Played, merge
from scores.rules.game import Game
from scores.rules.metrics import Kind, Metric


class ScoreInfo(TypedDict):
    """How much a score of a session improved on the player's best before it."""

    scoreID: str
    isNewScore: Annotated[bool, "Whether the player had no score on its chart."]
    deltas: NotRequired[Annotated[dict[str, float], "By metric; absent if new."]]


Earlier = dict[tuple[int, int], list[Played]]


def score_info(sessions: Sequence[Session]) -> dict[int, list[ScoreInfo]]:
    """Session primary key → its scores in order of play; two statements in all.

    A score is `{scoreID, isNewScore: true}` where its player had none on the chart, or
    has `deltas` by metric: of numbers, and of the positions of lamps and grades.
    """
    info: dict[int, list[ScoreInfo]] = {session.pk: [] for session in sessions}
    if not info:
        return info
    by_pk = {session.pk: session for session in sessions}
    scores = Score.objects.filter(session__in=by_pk)
    earlier = _earlier(scores, sessions)
    bests: dict[tuple[int, int], dict | None] = {}
    for pk, chart, score_id, data in scores.order_by(
        "time_achieved", "score_id"
    ).values_list("session", "chart", "score_id", json_text("score_data")):
        session, game = by_pk[pk], GAMES[by_pk[pk].gpt]
        if (pk, chart) not in bests:
            plays = earlier[session.user_id, chart]
            bests[pk, chart] = _best_before(game, plays, session.time_started)
        info[pk].append(_info(game, score_id, orjson.loads(data), bests[pk, chart]))
    return info


def _earlier(scores: QuerySet[Score], sessions: Sequence[Session]) -> Earlier:
    """The plays before the last of the sessions, on their charts, oldest first."""
    plays: Earlier = defaultdict(list)
    rows = Score.objects.filter(
        user__in={session.user_id for session in sessions},
        chart__in=scores.values("chart"),
        time_achieved__lt=max(session.time_started for session in sessions),
    ).order_by("time_achieved")
    for user, chart, score_id, time, data in rows.values_list(
        "user", "chart", "score_id", "time_achieved", json_text("score_data")
    ):
        plays[user, chart].append(Played(score_id, time, False, orjson.loads(data)))
    return plays


def _best_before(game: Game, plays: list[Played], time: int) -> dict | None:
    """The score data of the best of the plays before this time."""
    known = plays[: bisect_left(plays, time, key=attrgetter("time_achieved"))]
    base = (game.default_metric, game.base_name)
    best = merge(known, base, game.mergers, lambda score_data: (score_data, ()))
    return best and best.score_data


def _info(game: Game, score_id: str, now: dict, before: dict | None) -> ScoreInfo:
    if before is None:
        return {"scoreID": score_id, "isNewScore": True}
    deltas = {
        name: _position(metric, now[name]) - _position(metric, before[name])
        for name, metric in game.metrics.items()
        if metric.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.ENUM)
    }
    return {"scoreID": score_id, "isNewScore": False, "deltas": deltas}


def _position(metric: Metric, value: Any) -> float:
    """Where a value of the metric is on its scale: itself, or the index of an enum."""
    return metric.index[value] if metric.kind is Kind.ENUM else value
