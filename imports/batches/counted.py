"""What there is of batches, counted: a constant number of statements for many."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum

from imports.batches.control import AT_WORK
from imports.models import BatchImport, BatchPlayer, RevertBatch

Outcome = BatchImport.State
UNFINISHED = (RevertBatch.State.DRAFT, RevertBatch.State.PAUSED, *AT_WORK)


def counted_outcomes(batches: Sequence[RevertBatch]) -> dict[int, Counter[str]]:
    """How many imports of each batch are in which state, and what they held."""
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = BatchImport.objects.filter(batch__in=batches).values_list("batch", "state")
    for pk, state, count, scores, kept, mixed, ahead, aside in rows.annotate(
        count=Count("pk"),
        owned=Sum("scores"),
        stayed=Sum("kept"),
        mixed=Count("pk", filter=Q(other_playtypes=True)),
        ahead=Count("pk", filter=Q(done_at=None)),
        aside=Count("pk", filter=Q(player__state=BatchPlayer.State.ASIDE)),
    ):
        found = counted[pk]
        found[state] += count
        found["mixed"] += mixed
        found["scores"] += scores
        found["kept"] += kept
        if state == Outcome.REVERTED:
            found["to restore"] += ahead
        if state == Outcome.WAITING:
            found["aside"] += aside
    return counted


def counted_players(batches: Sequence[RevertBatch]) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = BatchPlayer.objects.filter(batch__in=batches).values_list("batch")
    for pk, everybody, aside, verified in rows.annotate(
        everybody=Count("pk"),
        aside=Count("pk", filter=Q(state=BatchPlayer.State.ASIDE)),
        right=Count("pk", filter=Q(verified=True)),
    ):
        counted[pk].update(all=everybody, aside=aside, verified=verified)
    return counted


def overlapping(batches: Sequence[RevertBatch]) -> dict[int, list[str]]:
    """The unfinished batches that an unfinished one of these shares imports with."""
    found: dict[int, list[str]] = defaultdict(list)
    ours = [each.pk for each in batches if each.state in UNFINISHED]
    others = RevertBatch.objects.filter(state__in=UNFINISHED)
    if not ours or others.count() < 2:
        return found
    shared = BatchImport.objects.filter(
        batch__in=ours, of_import__batch_outcomes__batch__state__in=UNFINISHED
    ).values_list(
        "batch",
        "of_import__batch_outcomes__batch",
        "of_import__batch_outcomes__batch__batch_id",
    )
    pairs: list[Any] = sorted(shared.distinct())
    for batch, other, batch_id in pairs:
        if other != batch:
            found[batch].append(batch_id)
    return found
