"""What a restore of a batch would bring back, for the page that asks first."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from imports.batches.previews import MOST_PLAYERS
from imports.models import BatchImport, Import, Revert, RevertBatch
from imports.undo.preview import Preview, preview_restores, together, too_many_scores
from scores.locks import Busy


class ComingBack(NamedTuple):
    """`imports` of `players` come back, with the scores and orphans that they held.

    `alone` are those that the batch reverted and leaves alone: they were restored by
    themselves since, or what they held is not kept any more.
    """

    imports: int
    players: int
    scores: int
    orphans: int
    alone: int


def reverts_of(batch: RevertBatch) -> QuerySet[Revert]:
    """The reverts of a batch that are in force, and would be undone."""
    reverted = batch.outcomes.filter(state=BatchImport.State.REVERTED)
    in_force = Revert.objects.filter(batch=batch, restored_at=None)
    return in_force.filter(of_import__in=reverted.values("of_import"))


def coming_back(batch: RevertBatch) -> ComingBack:
    """What a restore would bring back, counted; two statements."""
    counted = reverts_of(batch).aggregate(
        imports=Count("pk", filter=Q(snapshot__isnull=False)),
        players=Count("of_import__user", distinct=True),
        scores=Sum("score_count", default=0),
        orphans=Sum("orphan_count", default=0),
    )
    reverted = batch.outcomes.filter(state=BatchImport.State.REVERTED).count()
    return ComingBack(**counted, alone=reverted - counted["imports"])


def tried_out(batch: RevertBatch, back: ComingBack) -> Preview | None:
    """The restore tried out; None where that takes longer than a request may."""
    if back.players > MOST_PLAYERS:
        return None
    pks = reverts_of(batch).values("of_import")
    rows = Import.objects.reverted().filter(pk__in=pks)
    imports = list(rows.only("counts", "user"))
    if too_many_scores(imports):
        return None
    by_player = defaultdict(list)
    for import_ in imports:
        by_player[import_.user_id].append(import_)
    try:
        return together(preview_restores(*each) for each in by_player.items())
    except Busy:
        return None
