"""A step of a restore: one import comes back, in its own transaction, oldest first."""

import logging

from django.db import transaction
from django.utils import timezone

from imports.batches.reverting import (
    DEADLY,
    INTERNAL_ERROR,
    NO_PLAYER,
    THROUGH,
    busy_until,
    change_of_free,
    next_player,
    player_done,
    require_asker,
    verify,
)
from imports.batches.turn import Turn, end, put_off, record, wait_until
from imports.class_review.sentences import classes_not_back
from imports.models import (
    BatchImport,
    BatchPlayer,
    Import,
    RequestedBy,
    Revert,
    RevertBatch,
)
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable
from scores.locks import Busy

logger = logging.getLogger(__name__)

Outcome = BatchImport.State
ANOTHER = "It was restored and reverted again since, by another revert: that stays."
ALREADY = "It was restored by itself before: what became of it since stays."


class LeftAlone(Exception):
    """It is not this batch's to restore any more; the text is the reason."""


def step(turn: Turn) -> None:
    """Restore the next import, or see to what comes after the last."""
    # Oldest import first: what is run again is in that order already.
    rerun = turn.batch.kind == RevertBatch.Kind.RERUN
    oldest_first = "position" if rerun else "-position"
    player = next_player(turn, oldest_first)
    if player is None:
        _wait_or_finish(turn)
        return
    reverted = player.outcomes.filter(state=Outcome.REVERTED, done_at=None)
    if player.user_id is None:
        with transaction.atomic():
            reverted.update(state=Outcome.GONE, why=NO_PLAYER, done_at=timezone.now())
            player_done(turn, player, None)
        return
    outcome = reverted.select_related("of_import").order_by(oldest_first).first()
    if outcome is None:
        verify(turn, player)
    elif turn.is_cursed:
        with transaction.atomic():
            record(turn, outcome, Outcome.REVERTED, DEADLY, failed=True)
    else:
        _restore(turn, player, outcome)


def _restore(turn: Turn, player: BatchPlayer, outcome: BatchImport) -> None:
    try:
        with change_of_free(player):
            import_ = _bring_back(turn.batch, outcome)
            begun = BatchPlayer.State.BEGUN
            BatchPlayer.objects.filter(pk=player.pk).update(state=begun)
            why = classes_not_back([import_])
            record(turn, outcome, Outcome.RESTORED, why)
    except Busy:
        with transaction.atomic():
            put_off(turn, player)
    except THROUGH:
        raise
    except (LeftAlone, NotRestorable) as why:
        with transaction.atomic():
            record(turn, outcome, Outcome.REFUSED, str(why))
    except Exception:
        require_asker(turn.batch.restored_by_id)
        logger.exception("Import %s could not be restored.", outcome.import_id)
        with transaction.atomic():
            record(turn, outcome, Outcome.REVERTED, INTERNAL_ERROR, failed=True)


def _bring_back(batch: RevertBatch, outcome: BatchImport) -> Import:
    """Restore what this batch reverted, in the caller's transaction and under the
    player's lock; returns the import. Raises LeftAlone, NotRestorable.
    """
    import_ = outcome.of_import
    if import_ is None:
        raise LeftAlone("It was deleted.")
    in_force = Revert.objects.filter(of_import=import_, restored_at=None)
    if not in_force.filter(batch=batch).exists():
        raise LeftAlone(ANOTHER if in_force.exists() else ALREADY)
    by = RequestedBy(
        batch.restored_by,
        batch.restore_origin,
        batch.restore_reason,
        batch,
        batch.restore_note,
    )
    if restore_import(import_, by) is None:
        raise LeftAlone(ALREADY)
    return import_


def _wait_or_finish(turn: Turn) -> None:
    until = busy_until(turn)
    with transaction.atomic():
        if until is not None:
            wait_until(turn, until)
        else:
            end(turn, state=RevertBatch.State.RESTORED, restoring=False)
