"""Rating scores again after charts or formulas changed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from scores import score_rows
from scores.derived.claimed import remove_uncomposed
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.games import get_game
from scores.models import Chart, PersonalBest, PlayerToRerate, Score
from scores.rules.game import Game
from scores.rules.problems import Impossible

DERIVED = ("score_data", "rating_1", "rating_2", "rating_3")


def derive_score(
    game: Game, score_data: dict, chart: Chart
) -> tuple[dict, tuple[float | None, ...]]:
    """The score data with its derived metrics, and the ratings, under this chart.

    A chart may change after the score was accepted. Where its new data make a derived
    metric impossible (no notes at all), the score keeps what it was accepted with.
    """
    try:
        score_data = {**score_data, **game.derive(score_data, chart)}
    except Impossible:
        score_data = dict(score_data)
    score_data["enumIndexes"] = game.enum_indexes(score_data)
    return score_data, game.rate(score_data, chart)


class Rerated(NamedTuple):
    """How many profiles (a player's in a game and playtype) waited, and what it did."""

    profiles: int
    scores_changed: int


def rerate_if_waiting(user_id: int) -> Rerated:
    """Derive and rate what of a player waits for it, with all that follows.

    Under the player's lock, in its transaction.
    """
    waiting = list(PlayerToRerate.objects.filter(user=user_id))
    if not waiting:
        return Rerated(0, 0)
    touched = Touched(user_id)
    rows = [
        row
        for each in waiting
        if each.since is None
        for row in remove_uncomposed(touched, each.gpt)
    ]
    changed = len(rows) + sum(_refresh(each, touched) for each in waiting)
    insert_and_recalculate(touched, rows)
    for each in waiting:
        # Meanwhile it may have been asked for more: then that still waits.
        PlayerToRerate.objects.filter(pk=each.pk, since=each.since).delete()
    return Rerated(len(waiting), changed)


def _refresh(waiting: PlayerToRerate, touched: Touched) -> int:
    """Rate the scores that wait again; how many changed."""
    which: dict[str, Any] = {"user": waiting.user_id, "gpt": waiting.gpt}
    if waiting.since is None:
        _touch_all(waiting.gpt, touched)
    else:
        game, _ = waiting.gpt.split(":")
        which |= {"chart__game": game, "chart__changed_at__gte": waiting.since}
    outdated = list(outdated_scores(Score.objects.filter(**which)))
    save(outdated)
    for score in outdated:
        touched.score(score.gpt, score.chart_id, score.time_achieved)
    # Bests and profiles depend on charts and songs too (whether a chart is primary, for
    # one), so they are recalculated even where no score changed.
    bests = PersonalBest.objects.filter(**which)
    for gpt, chart in bests.values_list("gpt", "chart_id"):
        touched.score(gpt, chart, None)
    return len(outdated)


def _touch_all(gpt: str, touched: Touched) -> None:
    """Formulas of sessions and profiles may have changed as well."""
    touched.profiles.add(gpt)
    times = Score.objects.filter(user=touched.user_id, gpt=gpt)
    found = times.values_list("time_achieved", flat=True)
    touched.times[gpt].update(time for time in found if time is not None)


def outdated_scores(scores: QuerySet[Score]) -> Iterator[Score]:
    """The scores whose derived columns are not what their facts give.

    Each has the right values set, but is not saved.
    """
    for score in scores.select_related("chart"):
        before = [getattr(score, name) for name in DERIVED]
        data, ratings = derive_score(get_game(score.gpt), score.score_data, score.chart)
        after = [data, *score_rows.padded(ratings)]
        if before != after:
            for name, value in zip(DERIVED, after, strict=True):
                setattr(score, name, value)
            yield score


def save(outdated: Sequence[Score]) -> None:
    """Write the derived columns of stored scores."""
    Score.objects.bulk_create(
        outdated,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=DERIVED,
    )
