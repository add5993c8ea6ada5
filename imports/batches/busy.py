"""Giving up on players who stay busy, where somebody waits for the end of a batch."""

import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from imports.batches.control import AT_WORK
from imports.models import BatchImport, BatchPlayer, Import, RevertBatch

RUNS = "An import of this user is still running."
BUSY = "Scores of this user are being changed by something else."
Outcome, Player = BatchImport.State, BatchPlayer.State


class Patience:
    """Gives up on the players who are left when all of them have been busy for
    REVERT_WAIT_SECONDS.
    """

    def __init__(self) -> None:
        self.ended = -1
        self.busy_since: float | None = None

    def look(self, batch: RevertBatch) -> None:
        """To be called after every turn of the batch."""
        ended = batch.outcomes.exclude(done_at=None).count()
        if ended != self.ended:
            self.ended, self.busy_since = ended, None
        if batch.state not in AT_WORK or not only_busy_are_left(batch):
            return
        now = time.monotonic()
        if self.busy_since is None:
            self.busy_since = now
        if now - self.busy_since >= settings.REVERT_WAIT_SECONDS:
            refuse_busy(batch)


def only_busy_are_left(batch: RevertBatch) -> bool:
    """Whether every player whose turn is still to come, or to end, was put off."""
    left = _left(batch)
    return left.exists() and not left.filter(turn_at__lte=timezone.now()).exists()


def refuse_busy(batch: RevertBatch) -> None:
    """Leave the imports of players who are put off alone, with the reason.

    What a worker is at just now is not touched.
    """
    with transaction.atomic():
        rows = RevertBatch.objects.select_for_update(no_key=True)
        stored = rows.filter(pk=batch.pk, state__in=AT_WORK).first()
        if stored is None:
            return
        for player in _left(stored).filter(turn_at__gt=timezone.now()):
            _refuse(stored, player)


def refused(batch: RevertBatch) -> int:
    """How many of its imports were left alone because their player was busy."""
    return batch.outcomes.filter(state=Outcome.REFUSED, why__in=(RUNS, BUSY)).count()


def _left(batch: RevertBatch) -> QuerySet[BatchPlayer]:
    states = (Player.WAITING, Player.BEGUN)
    return batch.players.filter(state__in=states).defer("preview")


def _refuse(batch: RevertBatch, player: BatchPlayer) -> None:
    ahead = Outcome.REVERTED if batch.restoring else Outcome.WAITING
    outcomes = player.outcomes.filter(state=ahead, done_at=None)
    # A worker has its outcome first, and the batch then: it is not waited for.
    free = outcomes.select_for_update(skip_locked=True, of=("self",))
    pks = list(free.values_list("pk", flat=True))
    runs = Import.objects.held().filter(user=player.user_id).exists()
    changes: dict[str, Any] = {"why": RUNS if runs else BUSY, "done_at": timezone.now()}
    if not batch.restoring:
        changes["state"] = Outcome.REFUSED
    player.outcomes.filter(pk__in=pks).update(**changes)
    if not outcomes.exists():
        BatchPlayer.objects.filter(pk=player.pk).update(state=Player.DONE)
