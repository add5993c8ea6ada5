"""A step of a batch that runs: one import is reverted, in its own transaction.

Before a player's first one it is asked whether what was shown still holds; after the
last one whether his derived rows are what the facts give.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Min
from django.utils import timezone

from imports.batches import previews
from imports.batches.turn import Moved, Turn, end, put_off, record, wait_until
from imports.models import (
    BatchImport,
    BatchPlayer,
    Import,
    RequestedBy,
    RevertBatch,
    State,
)
from imports.undo.revert import Undone, revert_within
from imports.undo.run_again import NotRunAgain, RunAgain, run_again
from scores.derived.change import change_of
from scores.derived.integrity import check_user
from scores.locks import Busy, waiting_at_most
from tachi.accounts.models import User
from tachi.jobs.leases import Superseded

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.2  # for a player's lock: the job comes back to who is busy
INTERNAL_ERROR = "An internal error has occurred; the log of the site says which."
NO_PLAYER = "Its player is not there any more."
DEADLY = "Workers died at it."
Outcome = BatchImport.State
#: What an import is that is not completed, in words.
IS_WHAT = {
    State.QUEUED: "It has not run yet.",
    State.RUNNING: "It is running.",
    State.FAILED: "It has failed: there is nothing to revert.",
    State.CANCELLED: "It was cancelled: there is nothing to revert.",
}
THROUGH = (Superseded, Moved, OperationalError, InterfaceError)


class Gone(NamedTuple):
    """Why an import was not reverted that is not completed."""

    state: str
    why: str


def step(turn: Turn) -> None:
    """Revert the next import of the batch, or see to what comes after the last."""
    player = next_player(turn, "position")
    if player is None:
        _wait_or_finish(turn)
        return
    waiting = player.outcomes.filter(state=Outcome.WAITING)
    if player.user_id is None:
        with transaction.atomic():
            waiting.update(state=Outcome.GONE, why=NO_PLAYER, done_at=timezone.now())
            player_done(turn, player, None)
        return
    outcome = waiting.select_related("of_import").order_by("position").first()
    if outcome is None:
        verify(turn, player)
    elif turn.is_cursed:
        with transaction.atomic():
            record(turn, outcome, Outcome.FAILED, DEADLY, failed=True)
    else:
        _revert(turn, player, outcome)


def _revert(turn: Turn, player: BatchPlayer, outcome: BatchImport) -> None:
    player.batch = turn.batch
    try:
        with change_of_free(player):
            _revert_as_shown(turn, player, outcome)
    except Busy:
        with transaction.atomic():
            put_off(turn, player)
    except THROUGH:
        raise
    except NotRunAgain as refusal:
        with transaction.atomic():
            previews.keep_numbers(player)
            record(turn, outcome, Outcome.REFUSED, str(refusal))
    except Exception:
        require_asker(turn.batch.confirmed_by_id)
        logger.exception("Import %s could not be reverted.", outcome.import_id)
        with transaction.atomic():
            # Otherwise his next import would be compared without the one that failed.
            previews.keep_numbers(player)
            record(turn, outcome, Outcome.FAILED, INTERNAL_ERROR, failed=True)


def _revert_as_shown(turn: Turn, player: BatchPlayer, outcome: BatchImport) -> None:
    """Revert an import and record it, or set its player aside. Under his lock."""
    if not _holds(player):
        _set_aside(turn, player)
        return
    undone = _undo(turn.batch, outcome)
    if isinstance(undone, Gone):
        record(turn, outcome, undone.state, undone.why)
        return
    outcome.scores, outcome.kept = undone
    begun = BatchPlayer.State.BEGUN
    BatchPlayer.objects.filter(pk=player.pk).update(state=begun)
    record(turn, outcome, Outcome.REVERTED)


def require_asker(user_id: int | None) -> None:
    """Raise Moved where the account is gone in whose name it was done: it goes on."""
    if user_id is not None and not User.objects.filter(pk=user_id).exists():
        raise Moved(f"User {user_id} was deleted.")


def _holds(player: BatchPlayer) -> bool:
    """Whether what was shown of a player is what would happen still.

    Where it is not, the player has what was found instead. Under his lock.
    """
    was_shown = player.state == BatchPlayer.State.WAITING and player.fingerprint
    if not was_shown or previews.is_as_shown(player):
        return True
    if next(previews.ahead(player), None) is None:
        return True
    shown = player.fingerprint
    previews.try_out(player)
    return player.fingerprint == shown


def _set_aside(turn: Turn, player: BatchPlayer) -> None:
    """Leave a player to another confirmation, with what would happen now."""
    player.state = BatchPlayer.State.ASIDE
    player.save(update_fields=["state"])
    previews.save(player)
    end(turn, next_one=True)


def _undo(batch: RevertBatch, outcome: BatchImport) -> Undone | Gone:
    """Revert an import, in the caller's transaction and under the player's lock."""
    import_ = outcome.of_import
    if import_ is None:
        return Gone(Outcome.GONE, "It was deleted.")
    by = RequestedBy(batch.confirmed_by, batch.origin, batch.reason, batch, batch.note)
    undone = _undo_or_run_again(import_, by, batch)
    if undone is not None:
        return Undone(undone.scores, undone.kept)
    now = Import.objects.filter(pk=import_.pk).values_list("state", flat=True).first()
    if now in IS_WHAT:
        return Gone(Outcome.REFUSED, IS_WHAT[State(now)])
    return Gone(Outcome.GONE, "It was reverted before." if now else "It was deleted.")


def _undo_or_run_again(
    import_: Import, by: RequestedBy, batch: RevertBatch
) -> Undone | RunAgain | None:
    if batch.run_again is None:
        return revert_within(import_, by, block=batch.block)
    return run_again(import_, by, playtype=batch.run_again.get("playtype"))


def next_player(turn: Turn, *order: str) -> BatchPlayer | None:
    """The player whose turn it is: the one that was begun, or else the next."""
    players = turn.batch.players.filter(turn_at__lte=timezone.now()).defer("preview")
    for state in (BatchPlayer.State.BEGUN, BatchPlayer.State.WAITING):
        if player := players.filter(state=state).order_by(*order).first():
            return player
    return None


def import_of_player_runs(player: BatchPlayer) -> bool:
    return Import.objects.held().filter(user=player.user_id).exists()


@contextmanager
def change_of_free(player: BatchPlayer) -> Iterator[None]:
    """A change of a player of whom no import runs; Busy, if one does, or soon."""
    with (
        waiting_at_most(PATIENCE_SECONDS),
        change_of(player.user_id or 0, PATIENCE_SECONDS),
    ):
        if import_of_player_runs(player):
            raise Busy("An import of this user is still running.")
        yield


def verify(turn: Turn, player: BatchPlayer) -> None:
    """See whether a player's derived rows are right, now that all is done."""
    found: list[str] | None = None
    if not turn.is_cursed:
        try:
            with waiting_at_most(PATIENCE_SECONDS):
                found = check_user(player.user_id or 0)
        except Busy:
            with transaction.atomic():
                put_off(turn, player)
            return
    if found:
        logger.error("After %s, of %s: %s", turn.batch, player.name, found[:10])
    with transaction.atomic():
        player_done(turn, player, found == [])


def player_done(turn: Turn, player: BatchPlayer, verified: bool | None) -> None:
    """A player's turn is over; it is another batch's."""
    rows = BatchPlayer.objects.filter(pk=player.pk)
    rows.update(state=BatchPlayer.State.DONE, verified=verified)
    end(turn, next_one=True)


def busy_until(turn: Turn) -> datetime | None:
    """When the first of those players may be come back to who were busy."""
    states = (BatchPlayer.State.BEGUN, BatchPlayer.State.WAITING)
    left = turn.batch.players.filter(state__in=states)
    found: datetime | None = left.aggregate(at=Min("turn_at"))["at"]
    return found


def _wait_or_finish(turn: Turn) -> None:
    until = busy_until(turn)
    with transaction.atomic():
        if until is not None:
            wait_until(turn, until)
            return
        end(turn, state=RevertBatch.State.DONE, finished_at=timezone.now())
        if turn.batch.players.filter(state=BatchPlayer.State.ASIDE).exists():
            previews.show(turn.batch, BatchPlayer.State.ASIDE)
