"""The step of the job `revert-batches`: one import of the batch whose turn it is.

Batches take turns, a player each. While imports wait for a worker the job makes way:
it is put off, and does one import every five seconds still.
"""

import logging
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Min, Q
from django.utils import timezone

from imports.batches import drafting, restoring, reverting
from imports.batches.control import AT_WORK
from imports.batches.turn import PAUSED_BY_US, Moved, Turn, end
from imports.models import RevertBatch
from imports.queue.status import (
    SEEN_WITHIN_SECONDS,
    database_time,
    oldest_seconds,
    workers_seen,
)
from tachi.jobs.leases import Superseded
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow

logger = logging.getLogger(__name__)

MAKE_WAY_AFTER = 2  # seconds that an import whose turn it is has waited
STILL_ONE_IN = 5  # seconds, while imports wait
LOOK_AGAIN_IN = 1  # second
State = RevertBatch.State
TO_DO = Q(state__in=AT_WORK) | Q(state=State.DRAFT, needs_preview=True)
INTERNAL_ERROR = "An internal error has occurred; the log of the site says which."


def step(job: Job) -> bool:
    """Do one import of the batch whose turn it is; whether there may be more.

    Raises NotNow while nothing may be done.
    """
    batch = _whose_turn()
    if batch is None:
        return _come_back()
    turn = Turn(job, batch)
    try:
        if batch.state in (State.PAUSING, State.CANCELLING):
            _settle(turn)
        else:
            _make_way(job)
            _work(turn)
    except Moved:
        pass  # it is seen in its new state next time
    except (NotNow, Superseded, OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Batch %s cannot go on.", batch)
        _stop(turn)
    return True


def _work(turn: Turn) -> None:
    if turn.batch.state == State.DRAFT:
        drafting.step(turn)
    elif turn.batch.state == State.RESTORING:
        restoring.step(turn)
    else:
        reverting.step(turn)


def _whose_turn() -> RevertBatch | None:
    """The batch that has waited longest; first those that are to stop."""
    due = RevertBatch.objects.filter(TO_DO).defer("preview", "filters")
    due = due.select_related("confirmed_by", "restored_by")
    stopping = Q(state__in=(State.PAUSING, State.CANCELLING))
    due = due.filter(stopping | Q(turn_at__lte=timezone.now()))
    return due.alias(stops=stopping).order_by("-stops", "turn_at", "pk").first()


def _come_back() -> bool:
    """Come back when the next batch may go on; False where there is none."""
    next_at = RevertBatch.objects.filter(TO_DO).aggregate(at=Min("turn_at"))["at"]
    if next_at is None:
        return False
    wait = (next_at - timezone.now()) / timedelta(seconds=1)
    raise NotNow("Only players are left who are busy.", max(0.1, wait))


def _make_way(job: Job) -> None:
    """Raise NotNow while an import has waited too long for one of the workers.

    Where there is no worker, nothing would be gained.
    """
    now = database_time()
    oldest = oldest_seconds(now)
    if oldest is None or oldest <= MAKE_WAY_AFTER:
        return
    workers = workers_seen(now)
    if not workers or workers[0]["lastSeenSeconds"] > SEEN_WITHIN_SECONDS:
        return
    still = STILL_ONE_IN - (time.time() - job.cursor.get("last", 0))
    if still > 0:
        raise NotNow("Imports wait for a worker.", min(still, LOOK_AGAIN_IN))


def _settle(turn: Turn) -> None:
    """Nothing of the batch runs now: it is paused, or cancelled."""
    with transaction.atomic():
        if turn.batch.state == State.PAUSING:
            end(turn, state=State.PAUSED)
        else:
            finished_at = turn.batch.finished_at or timezone.now()
            end(turn, state=State.CANCELLED, restoring=False, finished_at=finished_at)


def _stop(turn: Turn) -> None:
    """Pause a batch that has a fault, or cancel a draft: the others go on."""
    try:
        with transaction.atomic():
            if turn.batch.state == State.DRAFT:
                end(
                    turn,
                    state=State.CANCELLED,
                    finished_at=timezone.now(),
                    needs_preview=False,
                    why_paused=INTERNAL_ERROR,
                )
            else:
                end(turn, state=PAUSED_BY_US, why_paused=INTERNAL_ERROR)
    except Moved:
        pass
