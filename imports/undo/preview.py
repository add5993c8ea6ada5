"""What reverting imports would do, told beforehand."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

from imports.claims import IMPORTS_AT_ONCE
from imports.models import Import, Orphan
from scores.models import ClassClaim, Score


class Preview(NamedTuple):
    """Numbers of rows. `kept` are scores that a later import sent too: it gets them.

    Sessions, bests and charts are those that hold or show the scores, and change; the
    class claims are those that stay.
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


def preview(imports: Sequence[Import]) -> Preview:
    """What reverting these completed imports would do; a constant number of queries."""
    scores = Score.objects.filter(source_import__in=imports)
    found = scores.aggregate(
        sessions=Count("session", distinct=True), charts=Count("chart", distinct=True)
    )
    owned = set(scores.values_list("pk", flat=True))
    orphans = Orphan.objects.filter(source_import__in=imports)
    return Preview(
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
    """The scores that the same players' other live imports sent again."""
    others = Import.objects.completed().filter(
        user__in={import_.user_id for import_ in imports},
        game__in={import_.game for import_ in imports},
    )
    others = others.exclude(pk__in=[import_.pk for import_ in imports])
    claims = others.exclude(later_claims={}).values_list("later_claims", flat=True)
    return {
        int(pk)
        for later_claims in claims.iterator(IMPORTS_AT_ONCE)
        for pk in later_claims
    }
