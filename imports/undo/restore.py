"""Restoring a reverted import: the same claims again, at its old sequence number."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from imports import claims
from imports.models import Import, Orphan, RequestedBy, Revert, State
from imports.reports import Claim
from imports.undo.records import record_restores
from imports.undo.revert import wait_for_imports
from imports.undo.snapshot import Snapshot, orphans_of
from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.derived.rerate import derive_score
from scores.games import get_game
from scores.models import Chart, ScoreBlock
from scores.score_rows import ReportedScore


class NotRestorable(Exception):
    """The import cannot be restored; the text is the reason."""


def restore_import(import_: Import, requested_by: RequestedBy) -> int | None:
    """Make a reverted import's claims again; returns how many scores it owns then.

    It takes back what it owned, and what was imported since stays; blocks on its scores
    are lifted where a revert made them, be it this one or another. None, and nothing
    changes, when it is not reverted (any more). Raises NotRestorable when it was
    reverted more than RESTORE_DAYS ago, and `scores.locks.Busy`.
    """
    seconds_left = wait_for_imports(import_.user_id)
    with change_of(import_.user_id, seconds_left):
        # Read again under the lock: another restore may have come first, or the user
        # may have been deleted.
        reverted = Import.objects.reverted().select_related("user")
        found = reverted.filter(pk=import_.pk).first()
        if found is None:
            return None
        import_ = found
        in_force = Revert.objects.select_related("batch").filter(restored_at=None)
        revert = in_force.get(of_import=import_)
        revert.of_import = import_
        snapshot = _snapshot(revert)
        _lift_blocks(import_, snapshot)
        touched = Touched(import_.user_id)
        claimed = claims.make(import_, _claims(import_, snapshot), touched)
        Orphan.objects.bulk_create(orphans_of(import_, snapshot), batch_size=500)
        insert_and_recalculate(touched, claimed.rows)
        import_.state = State.COMPLETED
        for orphan in snapshot.orphans[:1]:
            import_.context = orphan["context"]  # where it was when this was taken
        import_.save(update_fields=["state", "later_claims", "context"])
        revert.snapshot = None
        revert.restored_at = timezone.now()
        revert.restored_by = requested_by.user
        revert.save()
        record_restores(requested_by, [revert])
    return len(claimed.new_rows)


def restorable_since() -> datetime:
    """Imports that were reverted before this moment cannot be restored."""
    return timezone.now() - timedelta(days=settings.RESTORE_DAYS)


def restorable_until(revert: Revert) -> datetime | None:
    """When the snapshot of a revert is deleted; None if that is over."""
    until = revert.reverted_at + timedelta(days=settings.RESTORE_DAYS)
    return until if until > timezone.now() else None


def _snapshot(revert: Revert) -> Snapshot:
    if revert.snapshot is None or revert.reverted_at < restorable_since():
        day = revert.reverted_at.date().isoformat()
        raise NotRestorable(
            f"It was reverted more than {settings.RESTORE_DAYS} days ago, on {day}."
        )
    return Snapshot.unpacked(revert.snapshot)


def _lift_blocks(import_: Import, snapshot: Snapshot) -> None:
    """Lift the blocks of reverts on the scores that the import claims again.

    So that all that was reverted comes back, in whatever order it is restored. What the
    player has deleted since stays as it is.
    """
    made = ScoreBlock.objects.filter(user=import_.user_id, made_by__isnull=False)
    kept = set(claims.withdrawn(import_))
    ids = {claim["score_id"] for claim in snapshot.claims} - kept
    for some in chunks(ids):
        made.filter(score_id__in=some).delete()


def _claims(import_: Import, snapshot: Snapshot) -> list[Claim]:
    """The claims, derived and rated again, for charts may have changed since."""
    charts: dict[int, Chart] = {}
    for pks in chunks({claim["chart"] for claim in snapshot.claims}):
        charts.update(Chart.objects.in_bulk(pks))
    return [_claim(import_, kept, charts[kept["chart"]]) for kept in snapshot.claims]


def _claim(import_: Import, kept: dict, chart: Chart) -> Claim:
    """A claim of the snapshot, derived and rated by its chart."""
    fields = dict(kept)
    time_added = fields.pop("time_added")
    game = get_game(fields["gpt"])
    score_data, ratings = derive_score(game, fields.pop("score_data"), chart)
    fields |= {"chart": chart, "score_data": score_data, "ratings": ratings}
    return Claim(ReportedScore(user_id=import_.user_id, **fields), time_added)
