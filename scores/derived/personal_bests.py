"""Personal bests: one merged best for each chart that a player has a score on."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from scores import copy_rows
from scores.copy_rows import chunks
from scores.games import get_game
from scores.models import Chart, PersonalBest
from scores.models.derived import NEVER
from scores.rules.bests import Best, Played
from scores.score_rows import ScoreRow, padded

FIELDS = (
    "user",
    "chart",
    "gpt",
    "is_primary",
    "score_data",
    "composed_from",
    "time_achieved",
    "highlight",
    "rating_1",
    "rating_2",
    "rating_3",
    "rank_1",
    "rank_2",
    "rank_3",
    "time_key",
)


#: How many bests are written by an upsert; more are compared, deleted and copied.
FEW = 50
OF_CHARTS = """
    SELECT chart_id, score_id, time_achieved, score_data FROM scores_score
    WHERE user_id = %s AND chart_id IN ({})
"""
#: The scores that a player highlighted, whether they are there or not.
HIGHLIGHTED = """
    SELECT NULL, score_id, NULL, NULL FROM scores_scoreedit
    WHERE user_id = %s AND highlight
"""


def plays(
    user_id: int, charts: Iterable[int], new_rows: Iterable[ScoreRow] = ()
) -> Mapping[int, list[Played]]:
    """The user's plays by chart: the stored ones on these charts, and `new_rows`."""
    rows, highlights = _stored_plays(user_id, charts)
    by_chart = defaultdict(list)
    for chart, score_id, time, data in rows:
        by_chart[chart].append(Played(score_id, time, score_id in highlights, data))
    for row in new_rows:
        highlight = row.score_id in highlights
        by_chart[row.chart.pk].append(
            Played(row.score_id, row.time_achieved, highlight, row.score_data)
        )
    return by_chart


def _stored_plays(
    user_id: int, charts: Iterable[int]
) -> tuple[list[tuple[int, str, int | None, dict[str, Any]]], set[str]]:
    """(chart, score id, time, score data) of each play on these charts, and the score
    ids that the user highlighted; one statement for a thousand charts.
    """
    stored: list[tuple[int, str, int | None, dict[str, Any]]] = []
    highlights: set[str] = set()
    also, of_user = f"UNION ALL {HIGHLIGHTED}", [user_id]
    with connection.cursor() as cursor:
        for pks in chunks(charts):
            marks = ", ".join(["%s"] * len(pks))
            sql = OF_CHARTS.format(marks) + also
            cursor.execute(sql, [user_id, *pks, *of_user])
            for chart, hashed, time, data in cursor:
                score_id = "T" + bytes(hashed).hex()
                if chart is None:
                    highlights.add(score_id)
                else:
                    stored.append((chart, score_id, time, json.loads(data)))
            also, of_user = "", []  # those are read once
    return stored, highlights


def bests(
    user_id: int,
    gpt: str,
    played: Mapping[int, list[Played]],
    charts: Mapping[int, Chart],
) -> Iterator[tuple]:
    """The values of each personal best, in the order of `FIELDS`."""
    game = get_game(gpt)
    for chart_pk, plays_on_chart in played.items():
        chart = charts[chart_pk]
        best = game.merge(plays_on_chart, chart)
        if best is not None:
            yield _values(user_id, gpt, chart, best, game.rank_key(best.score_data))


def _values(
    user_id: int, gpt: str, chart: Chart, best: Best, rank: Sequence[float]
) -> tuple:
    return (
        user_id,
        chart.pk,
        gpt,
        chart.is_primary,
        best.score_data,
        best.composed_from,
        best.time_achieved,
        best.highlight,
        *padded(best.ratings),
        *map(float, rank),
        NEVER if best.time_achieved is None else best.time_achieved,
    )


def stored(user_id: int, charts: Iterable[int]) -> Iterator[tuple[int, tuple]]:
    """(primary key, values as `bests` would give them) of the bests on these charts."""
    for pks in chunks(charts):
        found = PersonalBest.objects.filter(user=user_id, chart__in=pks)
        for pk, *values in found.values_list("pk", *FIELDS):
            yield pk, tuple(values)


def refresh(
    user_id: int,
    gpt: str,
    chart_pks: Iterable[int],
    new_rows: Sequence[ScoreRow],
    known: Mapping[int, Chart],
) -> None:
    """Bring the user's bests on these charts of one game and playtype up to date.

    `new_rows` are scores that are to be inserted, on these charts and others; `known`
    are charts that need not be read.
    """
    played = plays(user_id, chart_pks, (row for row in new_rows if row.gpt == gpt))
    charts = {pk: known[pk] for pk in played if pk in known}
    for pks in chunks(played.keys() - charts.keys()):
        charts.update(Chart.objects.in_bulk(pks))
    wanted = {values[1]: values for values in bests(user_id, gpt, played, charts)}
    for pks in chunks(set(chart_pks) - wanted.keys()):
        PersonalBest.objects.filter(user=user_id, chart__in=pks).delete()
    if new_rows and len(wanted) <= FEW:  # without any, mostly nothing is to be written
        copy_rows.upsert(PersonalBest, FIELDS, wanted.values(), "user_id, chart_id")
        return
    outdated = []
    for pk, values in stored(user_id, list(wanted)):
        if wanted[values[1]] == values:
            del wanted[values[1]]
        else:
            outdated.append(pk)
    for pks in chunks(outdated):
        PersonalBest.objects.filter(pk__in=pks).delete()
    if wanted:
        copy_rows.insert(PersonalBest, FIELDS, wanted.values())
