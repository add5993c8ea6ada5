"""Scores that do not say what their claims say together: named in `settings.CLAIMED`,
for checks and repairs, and for players whose old claims have never been composed.
"""

from collections.abc import Iterator

from django.db.models import Q

from imports import later_claims
from imports.hand_overs import changed_by, rewritten
from imports.reports import may_fill, reported_by_owner
from scores.copy_rows import chunks
from scores.models import Score
from scores.score_rows import ScoreRow

TOGETHER = 10_000  # scores for which all claims are read once


def uncomposed(user_id: int, gpt: str) -> Iterator[tuple[int | None, ScoreRow]]:
    """The time that each such score has, and the row that it should be.

    Under the player's lock. Only scores are looked at that something was filled in, or
    on which a later claim says something else than their owner.
    """
    game, _ = gpt.split(":")
    ours = Score.objects.filter(user=user_id, gpt=gpt)
    filled = ours.filter(Q(own__isnull=False) | Q(timed_by__isnull=False))
    pks = set(filled.values_list("pk", flat=True))
    for import_ in later_claims.of_player(user_id, game):
        claims = import_.later_claims.items()
        pks.update(int(pk) for pk, claim in claims if may_fill(claim))
    for some in chunks(sorted(pks), TOGETHER):
        scores = {
            str(score.pk): score
            for chunk in chunks(some)
            for score in ours.filter(pk__in=chunk)
        }
        owners = {key: reported_by_owner(score) for key, score in scores.items()}
        imports = later_claims.of_player(user_id, game)
        changed = changed_by(scores, later_claims.compose(owners, imports))
        times = {score.pk: score.time_achieved for score in changed}
        for row in rewritten(changed):
            assert row.pk is not None  # it is stored
            yield times[row.pk], row
