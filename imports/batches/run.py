"""Running a batch in the foreground, or watching the workers that run it.

Both go through the job of all batches, whose lease one process has at a time: so a
command and a worker never do the same import twice.
"""

import time
from collections.abc import Callable
from contextlib import suppress

from imports.batches import control
from imports.batches.control import AT_WORK
from imports.batches.draft import KIND
from imports.batches.refusals import NotPossible
from imports.models import Origin, RequestedBy, RevertBatch
from tachi.jobs import leases, run, turns
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job

POLL_SECONDS = 0.1  # between two looks at what others do

Report = Callable[[RevertBatch], None]


#: A command at the shell, of which nobody said who runs it.
OPERATOR = RequestedBy(None, Origin.COMMAND)


def run_to_end(
    batch: RevertBatch,
    report: Report = lambda batch: None,
    requested_by: RequestedBy = OPERATOR,
) -> RevertBatch:
    """Run a batch that is queued, or being restored, here; returns it as it ended.

    Other batches have their turns meanwhile, and where a worker has the job, it is
    waited for. `report` gets the batch after every turn, with what `batch_document`
    needs. It is returned unfinished where it was paused. Interrupted (Ctrl-C), it is
    paused in the name of `requested_by`, and can be resumed: raises KeyboardInterrupt
    then.
    """
    try:
        return _until(batch, lambda: batch.state not in AT_WORK, report, work=True)
    except KeyboardInterrupt:
        _pause(batch, requested_by)
        raise


def preview_to_end(
    batch: RevertBatch, report: Report = lambda batch: None
) -> RevertBatch:
    """Make the preview of a draft here that is left to a worker (`needs_preview`).

    Returns it as it is then; cancelled where the preview could not be made.
    """
    return _until(batch, lambda: not batch.needs_preview, report, work=True)


def watch(batch: RevertBatch, report: Report = lambda batch: None) -> RevertBatch:
    """The same as `run_to_end`, but leave all the work to the workers.

    Interrupted, it goes on without being watched.
    """
    return _until(batch, lambda: batch.state not in AT_WORK, report, work=False)


def _until(
    batch: RevertBatch, has_ended: Callable[[], bool], report: Report, *, work: bool
) -> RevertBatch:
    while True:
        batch.refresh_from_db()
        report(batch)
        if has_ended():
            return batch
        job = _job(wake=not work)
        if not (work and _took_a_turn(job)):
            time.sleep(POLL_SECONDS)
            turns.recover_lapsed()


def _job(*, wake: bool) -> Job:
    """The job of all batches; a new one where the last has ended, or failed."""
    unfinished = Job.objects.unfinished().filter(kind=KIND, user=None)
    return unfinished.first() or enqueue(KIND, wake=wake)


def _took_a_turn(job: Job) -> bool:
    """Work on whatever batch has its turn, for a second; False if others have the job,
    or it is put off.
    """
    if taken := leases.take(job.pk):
        run.run(taken, wake=False)
        return True
    return False


def _pause(batch: RevertBatch, requested_by: RequestedBy) -> None:
    with suppress(NotPossible):  # it has ended, or is paused already
        control.pause(batch, requested_by)
