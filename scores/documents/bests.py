"""Personal bests on the wire, with ranks, which are counted on read.

Players are ranked by the best's three keys (`Game.rank_key`), larger first, then by
time, older first and unknown last, then by user id, so that no two share a rank.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from django.db.models import Count, F, Q, QuerySet
from orjson import Fragment

from scores.documents.ratings import Ratings, score_ratings
from scores.documents.scores import ScoreData
from scores.json_columns import json_text
from scores.models import Chart, PersonalBest
from tachi.api.openapi import Keywords, Milliseconds


class Part(TypedDict):
    """A score that a personal best is made of, and for what."""

    name: str
    scoreID: str


class ChartRanking(TypedDict):
    """The rank of a personal best on its chart."""

    rank: int
    outOf: int
    rivalRank: int | None


class BestDocument(TypedDict):
    """A player's best on a chart, made of one score or several."""

    userID: int
    game: str
    playtype: str
    songID: int
    chartID: str
    isPrimary: Annotated[bool, "Whether its chart counts for ratings of profiles."]
    timeAchieved: Annotated[Milliseconds | None, "Null where it is not known."]
    highlight: bool
    composedFrom: Annotated[Fragment, list[Part], Keywords(minItems=1)]
    scoreData: Annotated[Fragment, ScoreData]
    calculatedData: Annotated[Ratings, "Its ratings, by name."]
    rankingData: ChartRanking


COLUMNS = (
    "pk",
    "user_id",
    "gpt",
    "chart__song__song_id",
    "chart__chart_id",
    "is_primary",
    "time_achieved",
    "highlight",
    json_text("score_data"),
    json_text("composed_from"),
    "rating_1",
    "rating_2",
    "rating_3",
)
OTHERS = "chart__personalbest"
RANKING = ("-rank_1", "-rank_2", "-rank_3", "time_key", "user")


def pb_documents(bests: QuerySet[PersonalBest]) -> list[BestDocument]:
    """Bests on any charts, in the queryset's order; two statements."""
    rows = list(bests.values_list(*COLUMNS))
    ranks = ranks_of([row[0] for row in rows])
    return [_document(row, ranks[row[0]]) for row in rows if row[0] in ranks]


def leaderboard_documents(
    chart: Chart, start: int = 1, size: int = 100
) -> list[BestDocument]:
    """A page of the chart's players, from the rank `start`; two statements."""
    bests = PersonalBest.objects.filter(chart=chart)
    page = bests.order_by(*RANKING).values_list(*COLUMNS)[start - 1 : start - 1 + size]
    players = bests.count()
    return [_document(row, (rank, players)) for rank, row in enumerate(page, start)]


def ranks_of(pks: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Best → (rank, how many players), by primary key; one statement for all charts.

    It reads the index `best_on_chart` only. That has the column `user` and not `id`, so
    users are counted.
    """
    rows = (
        PersonalBest.objects.filter(pk__in=pks)
        .values("pk")
        .annotate(
            ahead=Count(f"{OTHERS}__user", filter=_ahead()),
            players=Count(f"{OTHERS}__user"),
        )
    )
    return {row["pk"]: (row["ahead"] + 1, row["players"]) for row in rows}


def _ahead() -> Q:
    """Whether another best on the chart is ranked above this one."""
    ahead = Q(**{f"{OTHERS}__user__lt": F("user")})
    for key, comparison in (
        ("time_key", "lt"),
        ("rank_3", "gt"),
        ("rank_2", "gt"),
        ("rank_1", "gt"),
    ):
        better = Q(**{f"{OTHERS}__{key}__{comparison}": F(key)})
        ahead = better | (Q(**{f"{OTHERS}__{key}": F(key)}) & ahead)
    return ahead


def _document(row: tuple[Any, ...], ranking: tuple[int, int]) -> BestDocument:
    (_, user_id, gpt, song_id, chart_id, is_primary, achieved, highlight, *rest) = row
    (data, composed_from, *ratings) = rest
    game, playtype = gpt.split(":")
    rank, players = ranking
    return {
        "userID": user_id,
        "game": game,
        "playtype": playtype,
        "songID": song_id,
        "chartID": chart_id,
        "isPrimary": is_primary,
        "timeAchieved": achieved,
        "highlight": highlight,
        "composedFrom": Fragment(composed_from),
        "scoreData": Fragment(data),
        "calculatedData": score_ratings(gpt, ratings),
        "rankingData": {"rank": rank, "outOf": players, "rivalRank": None},
    }
