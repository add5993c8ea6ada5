"""What the cluster runs: imports, and what is done daily."""

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

from imports import everybodys_orphans, once, pipeline
from imports.models import (
    Import,
    ImportInput,
    ImportRows,
    Revert,
    RevertBatch,
    State,
)
from imports.queue import leases
from imports.undo.retention import is_over
from scores import snapshots
from scores.locks import Busy
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job
from tachi.moderation.models import Notification

logger = logging.getLogger(__name__)

BATCH_SIZE = 200  # rows in one statement of the purge
KEEP_RESULTS_DAYS = 3
#: What is done daily: its function, and the hour (UTC).
DAILY = {
    "purge": ("imports.tasks.purge", 4),
    "orphans": ("imports.tasks.try_orphans", 5),
    "snapshots": ("imports.tasks.take_snapshots", 3),
}


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
    """Delete old snapshots, rows, inputs and keys of imports; results, drafts, jobs,
    sessions, and notifications that were read. What is in the moderation log stays.

    In small statements, so that no lock is held for long; cut off, it can be repeated.
    """
    now = timezone.now()
    over = Revert.objects.filter(is_over(now))
    snapshots = over.exclude(snapshot=None)
    _in_batches(snapshots, lambda reverts: reverts.update(snapshot=None))
    # What cannot be restored any more is gone for good, rows and all.
    rows = ImportRows.objects.filter(
        of_import__state=State.REVERTED,
        of_import__reverts__in=over.filter(restored_at=None),
    )
    _in_batches(rows, lambda rows: rows.delete())
    inputs = ImportInput.objects.filter(
        of_import__received_at__lt=now - timedelta(days=settings.INPUT_DAYS)
    ).exclude(of_import__state__in=(State.QUEUED, State.RUNNING))
    _in_batches(inputs, lambda inputs: inputs.delete())
    results = Success.objects.filter(
        stopped__lt=now - timedelta(days=KEEP_RESULTS_DAYS)
    )
    _in_batches(results, lambda results: results.delete())
    plans = RevertBatch.objects.filter(
        state__in=(RevertBatch.State.DRAFT, RevertBatch.State.CANCELLED),
        confirmed_at=None,
        created_at__lt=now - timedelta(days=settings.INPUT_DAYS),
    )
    _in_batches(plans, lambda plans: plans.delete())
    jobs = Job.objects.filter(finished_at__lt=now - timedelta(days=settings.INPUT_DAYS))
    _in_batches(jobs, lambda jobs: jobs.delete())
    old = Import.objects.filter(received_at__lt=now - once.KEPT)
    keys = old.exclude(idempotency_key="")
    _in_batches(keys, lambda keys: keys.update(idempotency_key=""))
    read = Notification.objects.filter(
        read=True, sent_at__lt=now - timedelta(days=settings.NOTIFICATION_DAYS)
    )
    _in_batches(read, lambda notifications: notifications.delete())
    sessions = Session.objects.filter(expire_date__lt=now)
    _in_batches(sessions, lambda sessions: sessions.delete())


def _in_batches(rows: QuerySet, act: Callable[[QuerySet], object]) -> None:
    while pks := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
        act(rows.filter(pk__in=pks))  # what changed meanwhile may not be meant any more


def try_orphans() -> None:
    """Ask for the job that tries everybody's orphans again."""
    enqueue(everybodys_orphans.DAILY)


def take_snapshots() -> None:
    """Ask for the job that takes a snapshot of each profile."""
    snapshots.start()


def schedule_daily() -> None:
    """Schedule what is to be done every day, unless it is scheduled already."""
    # Two clusters that start at the same moment may both schedule it: a second purge a
    # day does no harm, and who asks for a job twice joins it.
    scheduled = set(Schedule.objects.values_list("name", flat=True))
    tomorrow = timezone.now() + timedelta(days=1)
    for name, (function, hour) in DAILY.items():
        if name not in scheduled:
            Schedule.objects.create(
                name=name,
                func=function,
                schedule_type=Schedule.DAILY,
                next_run=tomorrow.replace(hour=hour, minute=0, second=0),
            )
