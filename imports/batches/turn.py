"""A turn of a batch: what one step does, and what it stores in the end.

All that a step writes of a batch is in one transaction, which ends with `end`: the
batch's row, while the batch may go on, and then that of the job.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from imports.models import BatchImport, BatchPlayer, RevertBatch
from tachi.jobs import leases
from tachi.jobs.models import Job

State = RevertBatch.State
AGAIN_AFTER = timedelta(seconds=1)  # a player who was busy is come back to
FAILURES_IN_A_ROW = 10  # that pause a batch
#: States in which a step may write.
OPEN = (
    State.QUEUED,
    State.RUNNING,
    State.PAUSING,
    State.CANCELLING,
    State.RESTORING,
)
NOT_BEGUN = Case(
    When(state=State.QUEUED, then=Value(State.RUNNING)), default=F("state")
)

PAUSED_BY_US = Case(
    When(state=State.CANCELLING, then=F("state")), default=Value(State.PAUSED)
)


class Moved(Exception):
    """The batch was paused, cancelled or deleted: the step may write nothing."""


@dataclass
class Turn:
    """The job, the batch whose turn it is, and when the step began."""

    job: Job
    batch: RevertBatch
    began: float = field(default_factory=time.monotonic)

    @property
    def is_cursed(self) -> bool:
        """Whether workers die at what comes next: one more, and the job would fail."""
        return self.job.attempts >= max(1, settings.IMPORT_ATTEMPTS - 1)


def end(turn: Turn, *, next_one: bool = False, **fields: Any) -> None:
    """Store the batch's `fields`, and that the job got on, last in the transaction.

    With `next_one` it is the turn of another batch then. Raises Moved, and Superseded
    where the job is another worker's.
    """
    batch, now = turn.batch, timezone.now()
    if next_one:
        fields.setdefault("turn_at", now)
    fields.setdefault("turn_at", F("turn_at"))  # of nothing, it tells nothing
    open_now: dict[str, Any] = {"state__in": OPEN}
    if batch.state == State.DRAFT:
        open_now = {"state": State.DRAFT, "needs_preview": True}
    else:
        fields = {
            "state": NOT_BEGUN,
            "started_at": Coalesce("started_at", now),
        } | fields
        ran = time.monotonic() - turn.began
        fields["ran_seconds"] = F("ran_seconds") + ran
    rows = RevertBatch.objects.filter(pk=batch.pk, **open_now)
    if not rows.update(**fields):
        raise Moved(batch.batch_id)
    cursor = {"last": time.time()}
    words = f"Batch {batch.batch_id}"
    leases.store(turn.job, cursor=cursor, description=words, done=turn.job.done + 1)


def record(
    turn: Turn,
    outcome: BatchImport,
    state: str,
    why: str = "",
    *,
    failed: bool = False,
) -> None:
    """Store what came of an import, and end the step.

    Ten failures in a row pause the batch, which says what the last one was.
    """
    outcome.state, outcome.why, outcome.done_at = state, why, timezone.now()
    outcome.save(update_fields=["state", "why", "scores", "kept", "done_at"])
    in_a_row = turn.batch.failed_in_a_row + 1 if failed else 0
    more: dict[str, Any] = {}
    if in_a_row >= FAILURES_IN_A_ROW:
        text = f"{in_a_row} imports failed in a row, the last: {why}"
        more = {"state": PAUSED_BY_US, "why_paused": text}
    end(turn, failed_in_a_row=in_a_row, **more)


def put_off(turn: Turn, player: BatchPlayer) -> None:
    """Come back to a player, who is busy, a little later; it is another's turn."""
    rows = BatchPlayer.objects.filter(pk=player.pk)
    rows.update(turn_at=timezone.now() + AGAIN_AFTER)
    end(turn, next_one=True)


def wait_until(turn: Turn, moment: datetime) -> None:
    """Only players are left who are busy: come back at that moment."""
    end(turn, turn_at=moment)
