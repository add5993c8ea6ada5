"""How much a score improved on the best from before its session began."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Annotated, Any, NotRequired, TypedDict

import orjson

from scores.games import GAMES
from scores.json_columns import json_text
from scores.models import Score, Session
from scores.rules.bests import Played, merge
from scores.rules.game import Game
from scores.rules.metrics import Kind


class ScoreInfo(TypedDict):
    """How much a score of a session improved on the player's best before it."""

    scoreID: str
    isNewScore: Annotated[bool, "Whether the player had no score on its chart."]
    deltas: NotRequired[Annotated[dict[str, float], "By metric; absent if new."]]


#: The metrics that are compared: by their values, or by their places on a scale.
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
COMPARED = NUMBERS | {Kind.ENUM}


def score_info(sessions: Sequence[Session]) -> dict[int, list[ScoreInfo]]:
    """Session primary key → its scores in order of play; one statement in all.

    A score is `{scoreID, isNewScore: true}` where its player had none on the chart, or
    has `deltas` by metric: of numbers, and of the positions of lamps and grades.
    """
    info: dict[int, list[ScoreInfo]] = {session.pk: [] for session in sessions}
    if not info:
        return info
    by_pk = {session.pk: session for session in sessions}
    until_now: dict[tuple[int, int], list[Played]] = defaultdict(list)
    bests: dict[tuple[int, int], dict | None] = {}
    for pk, user, chart, score_id, time, data in _plays(sessions):
        told, plays = orjson.loads(data), until_now[user, chart]
        plays.append(Played(score_id, time, False, told))
        if pk not in by_pk:
            continue
        session, game = by_pk[pk], GAMES[by_pk[pk].gpt]
        if (pk, chart) not in bests:
            bests[pk, chart] = _best_before(game, plays, session.time_started)
        info[pk].append(_info(game, score_id, told, bests[pk, chart]))
    return info


def _plays(sessions: Sequence[Session]) -> Iterable[tuple[Any, ...]]:
    """The plays of the sessions, among all of their players on the same charts up to
    the end of the last, oldest first: session, user, chart, score id, time, data.
    """
    of_sessions = Score.objects.filter(session__in=[session.pk for session in sessions])
    rows = Score.objects.filter(
        user__in={session.user_id for session in sessions},
        chart__in=of_sessions.values("chart"),
        time_achieved__lte=max(session.time_ended for session in sessions),
    ).order_by("time_achieved", "score_id")
    return rows.values_list(
        "session", "user", "chart", "score_id", "time_achieved", json_text("score_data")
    )


def _best_before(game: Game, plays: list[Played], time: int) -> dict | None:
    """The score data of the best of the plays before this time."""
    known = plays[: bisect_left(plays, time, key=attrgetter("time_achieved"))]
    if not known:
        return None
    base = (game.default_metric, game.base_name)
    best = merge(known, base, game.mergers, lambda score_data: (score_data, ()))
    return best and best.score_data


def _info(game: Game, score_id: str, now: dict, before: dict | None) -> ScoreInfo:
    if before is None:
        return {"scoreID": score_id, "isNewScore": True}
    deltas = {
        name: now[name] - before[name]
        if metric.kind in NUMBERS
        else metric.index[now[name]] - metric.index[before[name]]
        for name, metric in game.metrics.items()
        if metric.kind in COMPARED
    }
    return {"scoreID": score_id, "isNewScore": False, "deltas": deltas}
