"""Bringing scores up to date with charts or formulas that changed."""

from collections.abc import Iterable

from scores.bulk import chunks
from scores.integrity import DERIVED, outdated_scores
from scores.locks import only_change_of
from scores.models import PersonalBest, Score
from scores.recalculate import Touched, recalculate


def rederive(chart_pks: Iterable[int]) -> int:
    """Derive and rate anew every score on these charts; returns how many changed.

    What follows from them is brought up to date player by player, each in one
    transaction under the player's lock (or inside the caller's).
    """
    chart_pks = list(chart_pks)
    users = sorted(
        {
            user
            for pks in chunks(chart_pks)
            for user in Score.objects.filter(chart__in=pks)
            .values_list("user", flat=True)
            .distinct()
        }
    )
    return sum(_rederive(user_id, chart_pks) for user_id in users)


def _rederive(user_id: int, chart_pks: list[int]) -> int:
    changed = 0
    with only_change_of(user_id):
        touched = Touched(user_id)
        for pks in chunks(chart_pks):
            scores = Score.objects.filter(user=user_id, chart__in=pks)
            outdated = list(outdated_scores(scores))
            Score.objects.bulk_update(outdated, DERIVED, batch_size=100)
            for score in outdated:
                touched.score(score.gpt, score.chart_id, score.time_achieved)
            # A chart may have become primary, or stopped being it.
            bests = PersonalBest.objects.filter(user=user_id, chart__in=pks)
            for gpt, chart in bests.values_list("gpt", "chart"):
                touched.score(gpt, chart, None)
            changed += len(outdated)
        recalculate(touched)
    return changed
