"""Queued imports in this process: what a worker does with them, and the sweep.

The only place of these tests that knows the queue from within.
"""

from contextlib import suppress
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from imports import tasks
from imports.models import Import, State
from imports.queue import sweep

TURNS = 10


def work_on(import_: Import) -> None:
    """What a worker does when it is woken for an import."""
    with suppress(Exception):  # which the cluster would log; the row says what it was
        tasks.run_import(import_.pk)
    connection.close_if_unusable_or_obsolete()


def let_time_pass(import_: Import) -> None:
    """Now it may be tried again; and a worker that still held it counts as dead."""
    past = timezone.now() - timedelta(minutes=5)
    rows = Import.objects.filter(pk=import_.pk)
    rows.filter(state=State.QUEUED).update(wake_again_at=past)
    rows.filter(state=State.RUNNING).update(lease_until=past)


def bring_to_an_end(import_: Import) -> Import:
    """Sweep and work, as often as it takes, without waiting for any delay."""
    for _ in range(TURNS):
        import_.refresh_from_db()
        if import_.state not in (State.QUEUED, State.RUNNING):
            break
        let_time_pass(import_)
        sweep.sweep()
        work_on(import_)
    return import_
