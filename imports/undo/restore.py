"""Restoring a reverted import: the same claims again, at its old sequence number."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from django.utils import timezone

from imports.class_review.with_reverts import bring_back_classes
from imports.discards import discards_of
from imports.hand_overs import Moved
from imports.models import Import, Orphan, RequestedBy, Revert, State
from imports.reports import Claim, sent_at, sequence_of
from imports.undo import record
from imports.undo.reclaim import reclaim
from imports.undo.records import record_restores
from imports.undo.reruns import require_reruns, take_back_reruns
from imports.undo.retention import require_restorable
from imports.undo.snapshot import Snapshot, orphans_of
from imports.undo.waiting import wait_for_imports
from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.derived.rerate import derive_score
from scores.games import get_game
from scores.models import Chart, ScoreBlock, ScoreDeletion
from scores.score_rows import ReportedScore, ScoreRow


class Restored(NamedTuple):
    """What became of the scores: those that came back, those that were taken back from
    later imports, those of others that say something else; and the orphans' ids.
    """

    added: list[ScoreRow]
    taken_over: list[Moved]
    changed: list[Moved]
    orphans: list[str]


def restore_import(import_: Import, requested_by: RequestedBy) -> int | None:
    """Make a reverted import's claims again; returns how many scores it owns then.

    It takes back what it owned, and what was imported since stays; blocks on its scores
    are lifted where a revert made them, be it this one or another. A class comes back
    that the revert withdrew; one that a moderator withdrew does not. What it was run
    again as goes without a trace. None, and nothing changes, when it is not reverted
    (any more). Raises NotRestorable when it was reverted more than RESTORE_DAYS ago
    (`imports.undo.retention`), or what it was run again as is not live; and
    `scores.locks.Busy`.
    """
    seconds_left = wait_for_imports(import_.user_id)
    with change_of(import_.user_id, seconds_left):
        # Read again under the lock: another restore may have come first, or the user
        # may have been deleted.
        reverted = Import.objects.reverted().select_related("user")
        found = reverted.filter(pk=import_.pk).first()
        if found is None:
            return None
        revert = in_force([found])[0]
        require_restorable(revert)
        require_reruns([found])
        touched = Touched(found.user_id)
        bring_back_classes([found], requested_by, touched)
        restored = bring_back({found: revert}, touched)
        revert.snapshot = None
        revert.restored_at = timezone.now()
        revert.restored_by = requested_by.user
        revert.save()
        record.restored(revert)
        revert.of_import = found
        record_restores(requested_by, [revert])
    return len(restored.added) + len(restored.taken_over)


def in_force(imports: Sequence[Import]) -> list[Revert]:
    """The reverts of reverted imports, in the order of the imports' sequence."""
    reverts: list[Revert] = []
    for pks in chunks(import_.pk for import_ in imports):
        found = Revert.objects.filter(of_import__in=pks, restored_at=None)
        reverts += found.select_related("batch")
    sequences = {import_.pk: sequence_of(import_) for import_ in imports}
    return sorted(reverts, key=lambda revert: sequences[revert.of_import_id])


def bring_back(reverts: dict[Import, Revert], touched: Touched) -> Restored:
    """Make the claims of reverted imports of one player again, and recalculate.

    Under the player's lock; the imports come in the order of their sequence, each with
    the revert that is in force and has its snapshot, and a rerun only if that is live.
    They are completed then, and the reruns are gone.
    """
    take_back_reruns(list(reverts), touched)
    snapshots = {
        import_: Snapshot.unpacked(revert.snapshot or b"")
        for import_, revert in reverts.items()
    }
    deleted = _deleted(touched.user_id)
    _lift_blocks(snapshots, deleted)
    blocked = set(
        ScoreBlock.objects.filter(user=touched.user_id).values_list(
            "score_id", flat=True
        )
    )
    charts = _charts(snapshots)
    reclaimed = reclaim(
        {
            import_: [
                _claim(import_, claim, charts[claim["chart"]])
                for claim in snapshot.claims
                if claim["score_id"] not in blocked
                and not _is_deleted(import_, claim, deleted)
            ]
            for import_, snapshot in snapshots.items()
        },
        touched,
    )
    rows = chain.from_iterable(each.rows for each in reclaimed)
    discards = discards_of(touched.user_id)
    orphans = [
        orphan
        for import_, snapshot in snapshots.items()
        for orphan in orphans_of(import_, snapshot, discards)
    ]
    Orphan.objects.bulk_create(orphans, batch_size=500)
    insert_and_recalculate(touched, list(rows))
    for import_, snapshot in snapshots.items():
        import_.state = State.COMPLETED
        for orphan in snapshot.orphans[:1]:
            import_.context = orphan["context"]  # where it was when this was taken
    fields = ["state", "later_claims", "context"]
    Import.objects.bulk_update(snapshots, fields, batch_size=100)
    return Restored(
        [row for each in reclaimed for row in each.added],
        [moved for each in reclaimed for moved in each.taken_over],
        [moved for each in reclaimed for moved in each.changed],
        [orphan.orphan_id for orphan in orphans],
    )


def _deleted(user_id: int) -> dict[str, int]:
    """The sequence number up to which claims are withdrawn, by score id."""
    deletions = ScoreDeletion.objects.filter(user=user_id)
    return dict(deletions.values_list("score_id", "up_to_sequence"))


def _is_deleted(import_: Import, claim: dict, deleted: dict[str, int]) -> bool:
    return deleted.get(claim["score_id"], -1) >= sent_at(import_)


def _lift_blocks(snapshots: dict[Import, Snapshot], deleted: dict[str, int]) -> None:
    """Lift the blocks of reverts on the scores that the imports claim again.

    So that all that was reverted comes back, in whatever order it is restored. What the
    player has deleted since stays as it is.
    """
    ids = {
        claim["score_id"]
        for import_, snapshot in snapshots.items()
        for claim in snapshot.claims
        if not _is_deleted(import_, claim, deleted)
    }
    users = {import_.user_id for import_ in snapshots}
    made = ScoreBlock.objects.filter(user__in=users, made_by__isnull=False)
    for some in chunks(sorted(ids)):
        made.filter(score_id__in=some).delete()


def _charts(snapshots: dict[Import, Snapshot]) -> dict[int, Chart]:
    charts: dict[int, Chart] = {}
    pks = {claim["chart"] for each in snapshots.values() for claim in each.claims}
    for some in chunks(sorted(pks)):
        charts.update(Chart.objects.in_bulk(some))
    return charts


def _claim(import_: Import, kept: dict, chart: Chart) -> Claim:
    """A claim of the snapshot, derived and rated by its chart: that may have changed
    since.
    """
    fields = dict(kept)
    time_added = fields.pop("time_added")
    game = get_game(fields["gpt"])
    score_data, ratings = derive_score(game, fields.pop("score_data"), chart)
    fields |= {"chart": chart, "score_data": score_data, "ratings": ratings}
    return Claim(ReportedScore(user_id=import_.user_id, **fields), time_added)
