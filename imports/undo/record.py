"""What is on record of reverts: each belongs to a batch, also where it is only one."""

from imports.models import Import, RequestedBy, Revert
from imports.models.batches import BatchImport, BatchPlayer, RevertBatch
from tachi.accounts.models import User


def batch_of_one(
    requested_by: RequestedBy, revert: Revert, kept: int, *, block: bool
) -> RevertBatch:
    """A batch that is done, with this revert as all that it did."""
    import_, at = revert.of_import, revert.reverted_at
    by = requested_by.user
    batch = RevertBatch.objects.create(
        state=RevertBatch.State.DONE,
        created_by=by,
        created_by_name=by.username if by else "",
        origin=requested_by.origin,
        reason=requested_by.reason,
        note=requested_by.note,
        block=block,
        imports=1,
        created_at=at,
        confirmed_at=at,
        started_at=at,
        finished_at=at,
    )
    player = BatchPlayer.objects.create(
        batch=batch,
        user_id=import_.user_id,
        name=User.objects.values_list("username", flat=True).get(pk=import_.user_id),
        position=0,
        state=BatchPlayer.State.DONE,
        turn_at=at,
    )
    BatchImport.objects.create(
        batch=batch,
        player=player,
        of_import=import_,
        import_id=import_.import_id,
        position=0,
        state=BatchImport.State.REVERTED,
        scores=revert.score_count,
        kept=kept,
        done_at=at,
    )
    return batch


def run_again(old: Import, new: Import, playtype: str | None) -> None:
    """Note in the batch of one that reverted an import what it was run again as."""
    batches = RevertBatch.objects.filter(
        reverts__of_import=old, reverts__restored_at=None
    )
    batches.update(kind=RevertBatch.Kind.RERUN, run_again={"playtype": playtype})


def restored(revert: Revert) -> None:
    """Note in its batch that an import was restored, be it alone or with the others.

    A batch that has ended, and of which nothing is reverted any more, is restored. One
    that is being restored ends by itself.
    """
    if revert.batch_id is None:
        return
    outcomes = BatchImport.objects.filter(batch=revert.batch_id)
    reverted = outcomes.filter(state=BatchImport.State.REVERTED)
    reverted.filter(of_import=revert.of_import_id).update(
        state=BatchImport.State.RESTORED, done_at=revert.restored_at
    )
    if not reverted.exists():
        ended = RevertBatch.State.DONE, RevertBatch.State.CANCELLED
        batch = RevertBatch.objects.filter(pk=revert.batch_id, state__in=ended)
        batch.update(state=RevertBatch.State.RESTORED)
