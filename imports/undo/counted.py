"""What reverting imports would do, counted and not tried out: where that takes too long
(`imports.undo.preview.too_many_scores`). What two of them have both sent counts as
kept where it would go.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

from imports.later_claims import BATCH_SIZE
from imports.models import Import, Orphan
from scores.models import ClassClaim, Score


class Counted(NamedTuple):
    """How many rows there are of each kind.

    `scores` are owned by the imports; of these, `kept` go to another import that sent
    them too. `sessions`, `bests` and `charts` are those of the scores. `classes` are
    the live class claims, which stay.
    """

    players: int
    scores: int
    kept: int
    sessions: int
    bests: int
    charts: int
    orphans: int
    classes: int

    @property
    def removed(self) -> int:
        return self.scores - self.kept


def counted(imports: Sequence[Import]) -> Counted:
    """What reverting these completed imports would do; a constant number of queries."""
    scores = Score.objects.filter(source_import__in=imports)
    found = scores.aggregate(
        sessions=Count("session", distinct=True), charts=Count("chart", distinct=True)
    )
    owned = set(scores.values_list("pk", flat=True))
    orphans = Orphan.objects.filter(source_import__in=imports)
    return Counted(
        players=len({import_.user_id for import_ in imports}),
        scores=len(owned),
        kept=len(owned & _claimed_by_others(imports)),
        bests=scores.values("user", "chart").distinct().count(),
        orphans=orphans.count(),
        classes=staying_classes(imports),
        **found,
    )


def staying_classes(imports: Sequence[Import]) -> int:
    """How many live class claims a revert of these imports leaves for review."""
    claims = ClassClaim.objects.filter(source_import__in=imports, withdrawn_at=None)
    return claims.count()


def _claimed_by_others(imports: Sequence[Import]) -> set[int]:
    """The scores on which the same players' other live imports have later claims."""
    others = Import.objects.completed().filter(
        user__in={import_.user_id for import_ in imports},
        game__in={import_.game for import_ in imports},
    )
    others = others.exclude(pk__in=[import_.pk for import_ in imports])
    claims = others.exclude(later_claims={}).values_list("later_claims", flat=True)
    return {
        int(pk) for later_claims in claims.iterator(BATCH_SIZE) for pk in later_claims
    }
