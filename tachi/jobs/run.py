"""Running jobs: a second of one for a worker, or all of it in the foreground."""

import logging
import time
import traceback
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.module_loading import import_string

from tachi.jobs import leases, turns
from tachi.jobs.leases import Superseded
from tachi.jobs.models import UNFINISHED, Job, State

logger = logging.getLogger(__name__)

TURN_SECONDS = 1  # after which a job begins no other step, and others have their turn
POLL_SECONDS = 0.1  # between two looks at a job that somebody else has
INTERNAL_ERROR = "An internal error has occurred."

Report = Callable[[Job], None]


class NotNow(Exception):
    """What a step needs is busy: the job is to be tried again after a moment.

    With `seconds` after so many, as often as it takes; otherwise later each time.
    """

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


def run(job: Job, *, wake: bool = True) -> None:
    """Work on a job that was taken for as long as its turn lasts, and give it back.

    Trouble of the database puts it off; a bug fails it, with its traceback for
    operators. Raises neither. With `wake` a worker is woken for the next job.
    """
    try:
        with leases.keep_renewing(job):
            more = _take_steps(job)
        with transaction.atomic():
            (leases.give_back if more else leases.finish)(job)
            if wake:
                turns.wake_next()
    except Superseded:
        logger.warning("Job %s was taken by another worker.", job)
    except (NotNow, OperationalError, InterfaceError) as error:
        seconds = getattr(error, "seconds", None)
        level = logging.WARNING if seconds is None else logging.DEBUG
        logger.log(level, "Job %s is put off. %s", job, error)
        leases.put_off(job, seconds)
    except KeyboardInterrupt:
        leases.give_back(job)
        raise
    except Exception:
        logger.exception("Job %s failed.", job)
        leases.fail(job, INTERNAL_ERROR, traceback.format_exc())


def _take_steps(job: Job) -> bool:
    """Take steps for a while; whether there is more to do."""
    step = import_string(settings.JOBS[job.kind])
    until = time.monotonic() + TURN_SECONDS
    while step(job):
        if time.monotonic() >= until:
            return True
    return False


def run_to_end(job: Job, report: Report = lambda job: None) -> Job:
    """Run a job here, or wait for the worker that has it; returns it as it ended.

    `report` gets it after every turn. It is returned unfinished when it was paused.
    """
    while True:
        job.refresh_from_db()
        report(job)
        if job.state not in UNFINISHED or job.state == State.PAUSED:
            return job
        if taken := leases.take(job.pk):
            run(taken, wake=False)
        else:
            time.sleep(POLL_SECONDS)
            turns.recover_lapsed()
