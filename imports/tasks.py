"""What the cluster runs: imports, and the daily purge."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import Schedule, Success

from imports import pipeline
from imports.models import ImportInput, Revert, State
from imports.queue import leases
from scores.locks import Busy
from tachi.jobs.models import Job

logger = logging.getLogger(__name__)

BATCH_SIZE = 200  # rows in one statement of the purge
KEEP_RESULTS_DAYS = 3
PURGE_HOUR = 4  # UTC


def run_import(pk: int) -> str:
    """Run an import if it is free and its turn has come; the task's result as a text.

    A task that is delivered twice does nothing the second time.
    """
    import_ = leases.take(pk)
    if import_ is None:
        return "Nothing to do: it is done, or another's, or waits for an earlier one."
    try:
        pipeline.run(import_)
    except leases.Superseded:
        logger.info("Import %s is not this worker's any more.", import_)
        return "Another worker has it now, or it was cancelled or deleted."
    except (Busy, OperationalError, InterfaceError):
        leases.keep_giving_back(import_)
        raise
    except TimeoutException:
        minutes = settings.Q_CLUSTER["timeout"] / 60
        text = f"The import took longer than {minutes:g} minutes and was stopped."
        leases.fail(import_, 500, text)
        raise
    return "Ran to its end."


def purge() -> None:
    """Delete old snapshots of reverts, inputs, results of tasks, jobs and sessions.

    In small statements, so that no lock is held for long; cut off, it can be repeated.
    """
    now = timezone.now()
    snapshots = Revert.objects.filter(
        reverted_at__lt=now - timedelta(days=settings.RESTORE_DAYS)
    ).exclude(snapshot=None)
    _in_batches(snapshots, lambda reverts: reverts.update(snapshot=None))
    inputs = ImportInput.objects.filter(
        of_import__received_at__lt=now - timedelta(days=settings.INPUT_DAYS)
    ).exclude(of_import__state__in=(State.QUEUED, State.RUNNING))
    _in_batches(inputs, lambda inputs: inputs.delete())
    results = Success.objects.filter(
        stopped__lt=now - timedelta(days=KEEP_RESULTS_DAYS)
    )
    _in_batches(results, lambda results: results.delete())
    jobs = Job.objects.filter(finished_at__lt=now - timedelta(days=settings.INPUT_DAYS))
    _in_batches(jobs, lambda jobs: jobs.delete())
    sessions = Session.objects.filter(expire_date__lt=now)
    _in_batches(sessions, lambda sessions: sessions.delete())


def _in_batches(rows: QuerySet, act: Callable[[QuerySet], object]) -> None:
    while pks := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
        act(rows.filter(pk__in=pks))  # what changed meanwhile may not be meant any more


def schedule_purge() -> None:
    """Schedule a daily purge, unless it is scheduled already."""
    if Schedule.objects.filter(name="purge").exists():
        # Two clusters that start at the same moment may both schedule it: a second
        # purge a day does no harm.
        return
    tomorrow = timezone.now() + timedelta(days=1)
    Schedule.objects.create(
        name="purge",
        func="imports.tasks.purge",
        schedule_type=Schedule.DAILY,
        next_run=tomorrow.replace(hour=PURGE_HOUR, minute=0, second=0),
    )
