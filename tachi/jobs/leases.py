"""Leases of jobs: one worker at a time has a job, and a dead one loses it.

As with imports, all times are the database's, and a worker that was only slow finds
that the lease number is not its own any more, and writes nothing.
"""

import logging
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.transaction import TransactionManagementError

from tachi.jobs.heartbeat import RETRY_SECONDS, lease_end, renewing
from tachi.jobs.models import HELD, Job, JobQuerySet, State

logger = logging.getLogger(__name__)

MAX_DELAY_SECONDS = 60  # until a job that was put off is tried again
#: What becomes of a job that its worker gives back.
BACK: dict[str, Any] = {
    "state": Case(
        When(state=State.PAUSING, then=Value(State.PAUSED)),
        When(state=State.CANCELLING, then=Value(State.CANCELLED)),
        default=Value(State.QUEUED),
    ),
    "finished_at": Case(When(state=State.CANCELLING, then=Now())),
    "lease_until": None,
    "wake_again_at": None,
}


class Superseded(Exception):
    """The job is not this worker's any more: nothing of it may be written."""


def take(pk: int) -> Job | None:
    """Take a job whose turn has come; None when it is done, paused or another's.

    One whose user is banned by now is cancelled.
    """
    taken = Job.objects.due().order_by().filter(pk=pk)
    if not taken.update(
        state=State.RUNNING,
        lease_number=F("lease_number") + 1,
        lease_until=lease_end(),
        wake_again_at=None,
        started_at=Coalesce("started_at", Now()),
    ):
        return None
    job = Job.objects.select_related("user").get(pk=pk)
    if job.user is None or (job.user.is_active and not job.user.is_banned):
        return job
    own(job).update(
        state=State.CANCELLED,
        finished_at=Now(),
        lease_until=None,
        error_text="This was cancelled, because its user is banned.",
    )
    return None


def store(job: Job, **progress: Any) -> None:
    """Store how far a step came, last in the transaction of its work.

    `progress`: `cursor`, `done`, `total`, `description`, `result`. It locks the row, so
    until the commit no other worker takes the job. Raises Superseded.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Work and progress are one transaction.")
    if not own(job).update(lease_until=lease_end(), attempts=0, delays=0, **progress):
        raise Superseded(job.job_id)
    for name, value in progress.items():
        setattr(job, name, value)


def give_back(job: Job) -> None:
    """Let others have their turn; where that was asked for, pause or cancel it."""
    own(job).update(turn_at=Now(), **BACK)


def finish(job: Job) -> None:
    """End it as done; it goes on if it was asked for once more since it was taken."""
    asked_once = own(job).filter(requests=job.requests)
    if not asked_once.update(state=State.DONE, finished_at=Now(), lease_until=None):
        give_back(job)


def fail(job: Job, text: str, detail: str) -> None:
    """End it as failed; `detail` is for operators."""
    own(job).update(
        state=State.FAILED,
        finished_at=Now(),
        lease_until=None,
        error_text=text,
        error_detail=detail,
    )


def put_off(job: Job, seconds: float | None = None) -> None:
    """Give it back, to be tried again after a delay that grows with each time.

    Or after so many seconds: that is no trouble, and does not count as a delay. Waits
    for a database that does not answer, however long that takes: a worker has nothing
    else to do without it, and a lease that runs out counts.
    """
    more = {"delays": F("delays") + 1} if seconds is None else {}
    if seconds is None:
        seconds = min(2**job.delays, MAX_DELAY_SECONDS)
    delay = timedelta(seconds=seconds)
    while True:
        try:
            own(job).update(turn_at=Now() + delay, **more, **BACK)
            return
        except (OperationalError, InterfaceError):
            connection.close()
        time.sleep(RETRY_SECONDS)


def recover(job: Job) -> None:
    """Queue a job again whose worker died or stalled, or fail it after some times."""
    row = Job.objects.lapsed().filter(pk=job.pk)
    attempts = job.attempts + 1
    if job.state == State.RUNNING and attempts >= settings.IMPORT_ATTEMPTS:
        row.update(
            state=State.FAILED,
            finished_at=Now(),
            lease_until=None,
            attempts=attempts,
            error_text=f"Its worker died {attempts} times at the same place.",
            error_detail="It did not renew its lease.",
        )
        return
    logger.warning("The worker of job %s is gone.", job)
    row.update(turn_at=Now(), attempts=attempts, **BACK)


def extend_lapsed() -> None:
    """Give jobs another lease: none was renewed while the database was away."""
    Job.objects.lapsed().update(lease_until=lease_end())


def keep_renewing(job: Job) -> AbstractContextManager[None]:
    """Renew the lease for as long as the block runs."""
    return renewing(
        lambda: bool(own(job).update(lease_until=lease_end())), f"job {job}"
    )


def own(job: Job) -> JobQuerySet:
    """The job's row, while it is this worker's: the WHERE of all that it writes."""
    return Job.objects.filter(pk=job.pk, lease_number=job.lease_number, state__in=HELD)
