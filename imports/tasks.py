"""What the cluster runs: imports, the sweep that loses none, the daily purge."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import Schedule, Success

from imports import doorbell, leases, pipeline
from imports.models import Import, ImportInput, Revert, State

logger = logging.getLogger(__name__)

AT_ONCE = 200  # imports in a sweep, rows in a statement of the purge
KEEP_RESULTS_DAYS = 3
PURGE_HOUR = 4  # UTC


def run_import(pk: int) -> str:
    """Run an import if it is free and its turn has come; says what came of it."""
    import_ = leases.take(pk)
    if import_ is None:
        return "Nothing to do: it is done, or another's, or waits for an earlier one."
    try:
        pipeline.run(import_)
    except leases.Superseded:
        logger.warning("Import %s went to another worker.", import_)
        return "Another worker has it now."
    except TimeoutException:
        minutes = settings.Q_CLUSTER["timeout"] / 60
        text = f"The import took longer than {minutes:g} minutes and was stopped."
        leases.fail(import_, 500, text)
        raise
    return "Ran to its end."


def overdue() -> QuerySet[Import]:
    """Imports whose turn it is and whose worker, or whose bell, is late."""
    unrung = timezone.now() - timedelta(seconds=doorbell.RING_AGAIN_SECONDS)
    return leases.in_turn().filter(
        Q(lease_until__lt=Now()) | Q(lease_until=None, received_at__lt=unrung)
    )


def sweep() -> None:
    """Ring again for what nobody took, and hand on what a dead worker held.

    Called every second: one indexed query when nothing is wrong. Two at a time do no
    harm, for each change depends on what it changes.
    """
    late = list(overdue().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not late:
        return
    with transaction.atomic():
        # A row that is locked is being written by its worker: it is not dead at all.
        unlocked = overdue().filter(pk__in=late).order_by("pk")
        for import_ in unlocked.select_for_update(skip_locked=True, no_key=True):
            _hand_on(import_)


def _hand_on(import_: Import) -> None:
    if import_.lease_number >= settings.IMPORT_ATTEMPTS:
        leases.give_up(Import.objects.filter(pk=import_.pk))
    elif import_.state == State.RUNNING:
        logger.warning("The worker of import %s is gone: queued again.", import_)
        Import.objects.filter(pk=import_.pk).update(state=State.QUEUED)
        doorbell.ring(import_)
    elif not doorbell.rings_unheard():
        doorbell.ring(import_)


def purge() -> None:
    """Forget what may be forgotten: old contents of reverts, inputs and results.

    In small statements, so that nobody waits for it and nothing is lost when cut off.
    """
    now = timezone.now()
    contents = Revert.objects.filter(
        reverted_at__lt=now - timedelta(days=settings.RESTORE_DAYS)
    ).exclude(contents=None)
    _in_chunks(contents, lambda reverts: reverts.update(contents=None))
    inputs = ImportInput.objects.filter(
        of_import__received_at__lt=now - timedelta(days=settings.INPUT_DAYS)
    ).exclude(of_import__state__in=(State.QUEUED, State.RUNNING))
    _in_chunks(inputs, lambda inputs: inputs.delete())
    results = Success.objects.filter(
        stopped__lt=now - timedelta(days=KEEP_RESULTS_DAYS)
    )
    _in_chunks(results, lambda results: results.delete())


def _in_chunks(rows: QuerySet, act: Callable[[QuerySet], object]) -> None:
    while pks := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        act(rows.model.objects.filter(pk__in=pks))


def schedule_purge() -> None:
    """Have the cluster purge every day, if that is not on its schedule yet."""
    if Schedule.objects.filter(name="purge").exists():
        return  # once or, where two clusters started at the same moment, twice
    tomorrow = timezone.now() + timedelta(days=1)
    Schedule.objects.create(
        name="purge",
        func="imports.tasks.purge",
        schedule_type=Schedule.DAILY,
        next_run=tomorrow.replace(hour=PURGE_HOUR, minute=0, second=0),
    )
