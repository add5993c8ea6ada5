"""Rating scores again after charts or formulas changed."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from scores import score_rows
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched, recalculate
from scores.games import get_game
from scores.locks import only_change_of
from scores.models import Chart, PersonalBest, Score
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


def rerate_charts(chart_pks: Iterable[int]) -> int:
    """Derive and rate every score on these charts again; returns how many changed.

    Player by player, each with all that follows in one transaction under the player's
    lock (or inside the caller's transaction).
    """
    chart_pks = list(chart_pks)
    players: set[int] = set()
    for pks in chunks(chart_pks):
        on_charts = Score.objects.filter(chart__in=pks)
        players.update(on_charts.values_list("user", flat=True).distinct())
    return sum(_rerate(user_id, chart_pks) for user_id in sorted(players))


def _rerate(user_id: int, chart_pks: list[int]) -> int:
    changed = 0
    with only_change_of(user_id, of_imports=False):
        touched = Touched(user_id)
        for pks in chunks(chart_pks):
            changed += _refresh(user_id, touched, {"chart__in": pks})
        recalculate(touched)
    return changed


def rerate_player(user_id: int, gpt: str) -> int:
    """Derive and rate all of a player's scores of a game and playtype again.

    For formulas that changed: one transaction, which writes what differs, with all
    that follows. Returns how many scores changed. Raises `scores.locks.Busy`.
    """
    with only_change_of(user_id, of_imports=False):
        touched = Touched(user_id)
        changed = _refresh(user_id, touched, {"gpt": gpt})
        touched.profiles.add(gpt)
        times = Score.objects.filter(user=user_id, gpt=gpt, time_achieved__isnull=False)
        found = times.values_list("time_achieved", flat=True)
        touched.times[gpt].update(time for time in found if time is not None)
        recalculate(touched)
    return changed


def _refresh(user_id: int, touched: Touched, which: dict) -> int:
    """Rate the user's scores that `which` selects again; how many changed."""
    outdated = list(outdated_scores(Score.objects.filter(user=user_id, **which)))
    save(outdated)
    for score in outdated:
        touched.score(score.gpt, score.chart_id, score.time_achieved)
    # Bests and profiles depend on charts and songs too (whether a chart is primary, for
    # one), so they are recalculated even where no score changed.
    bests = PersonalBest.objects.filter(user=user_id, **which)
    for gpt, chart in bests.values_list("gpt", "chart_id"):
        touched.score(gpt, chart, None)
    return len(outdated)


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
