"""Looking for imports that nobody works on although it is their turn."""

import logging

from django.db import transaction

from imports.models import Import, ImportQuerySet, State
from imports.queue import leases, wake_ups

logger = logging.getLogger(__name__)

AT_ONCE = 200  # imports in one sweep


def sweep() -> None:
    """Wake workers again for what nobody took, and hand on what a dead worker held.

    Called every second: one indexed query when nothing is wrong. Two at a time do no
    harm, for each change depends on what it changes.
    """
    late = list(_overdue().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not late:
        return
    with transaction.atomic():
        # A row that is locked is being written by its worker: it is not dead at all.
        unlocked = _overdue().filter(pk__in=late).order_by("pk")
        for import_ in unlocked.select_for_update(skip_locked=True, no_key=True):
            _hand_on(import_)


def _overdue() -> ImportQuerySet:
    return Import.objects.in_turn().overdue(wake_ups.WAKE_AGAIN_AFTER)


def _hand_on(import_: Import) -> None:
    row = Import.objects.filter(pk=import_.pk)
    if row.worn_out().exists():
        leases.give_up(row)
    elif import_.state == State.RUNNING:
        logger.warning("The worker of import %s is gone: queued again.", import_)
        row.update(state=State.QUEUED, lease_until=None)
        wake_ups.wake(import_)
    elif not wake_ups.queue_is_behind():
        wake_ups.wake(import_)
