"""The sweep: finding imports that no worker works on although it is their turn."""

import logging
from datetime import datetime

from django.db import transaction

from imports.models import Import, ImportQuerySet, State
from imports.queue import leases, wake_ups
from tachi.jobs import turns

logger = logging.getLogger(__name__)

BATCH_SIZE = 200  # imports in one sweep


def sweep() -> None:
    """Send lost wake-ups again, and queue imports whose worker died again.

    Called every second by every cluster: one indexed query when nothing is wrong, and
    one for jobs.
    """
    turns.sweep()
    if not _overdue().exists():
        return
    overdue = _overdue_by_now(wake_ups.waiting_since())
    pks = list(overdue.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    with transaction.atomic():
        # Since that query a worker may have taken one of them, or another sweep may
        # have dealt with it: the condition is asked again, under the row's lock. A row
        # that is locked now belongs to a worker that is writing, so it is skipped.
        still_overdue = _overdue().filter(pk__in=pks).order_by("pk")
        for import_ in still_overdue.select_for_update(skip_locked=True, no_key=True):
            _recover(import_)


def _overdue() -> ImportQuerySet:
    return Import.objects.first_of_each_user().overdue(wake_ups.WAKE_AGAIN_AFTER)


def _overdue_by_now(waiting_since: datetime | None) -> ImportQuerySet:
    """Those of them whose wake-up is not in the queue any more."""
    if waiting_since is None:
        return _overdue()
    return _overdue().exclude(state=State.QUEUED, wake_again_at__gte=waiting_since)


def _recover(import_: Import) -> None:
    """Fail an overdue import, queue it again, or wake a worker; under its row lock."""
    row = Import.objects.filter(pk=import_.pk)
    if import_.state == State.RUNNING:
        leases.count_dead_worker(row)
        if row.out_of_attempts().exists():
            leases.give_up(row)
            return
        logger.warning("The worker of import %s is gone: queued again.", import_)
    wake_ups.wake(import_)
