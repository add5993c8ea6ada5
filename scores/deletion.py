"""Deleting one score for its owner, and refusing it for ever where that is wanted."""

from django.conf import settings
from django.db.models import Max

from scores.documents import plain, score_documents
from scores.locks import only_change_of
from scores.models import Score, ScoreBlock, ScoreDeletion
from scores.recalculate import Touched, recalculate


def delete_score(score: Score, *, block: bool = False) -> bool:
    """Withdraw every import's claim on a score; False if it was gone already.

    A later import may claim it again, unless it is blocked. Raises
    `scores.locks.Busy`.
    """
    with only_change_of(score.user_id, settings.REVERT_WAIT_SECONDS):
        stored = Score.objects.filter(pk=score.pk)
        score = stored.select_related("user", "chart__song").first()
        if score is None:
            return False
        if block:
            ScoreBlock.objects.get_or_create(
                user=score.user,
                score_id=score.score_id,
                defaults={"score": plain(score_documents(stored)[0])},
            )
        last = score.user.import_set.aggregate(last=Max("sequence"))["last"]
        ScoreDeletion.objects.update_or_create(
            user=score.user, score_id=score.score_id, defaults={"up_to_sequence": last}
        )
        touched = Touched(score.user_id)
        touched.score(score.gpt, score.chart_id, score.time_achieved)
        stored.delete()
        recalculate(touched)
    return True
