"""Queued imports in this process: what a worker does with them, and the sweep.

The only place of these tests that knows the queue from within.
"""

import json
from contextlib import suppress
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from imports import pipeline, tasks
from imports.models import Import, State
from imports.pipeline import Sent
from imports.queue import sweep
from tachi.accounts.models import User

TURNS = 10
UNFINISHED = (State.QUEUED, State.RUNNING)


def accept(user: User, document: object, **sent) -> Import:
    """An import that waits for a worker, who is woken for it."""
    payload = json.dumps(document).encode()
    said = Sent(user, "file/batch-manual", payload, **sent)
    return pipeline.accept(said, inline=False)


def has_ended(import_: Import) -> bool:
    import_.refresh_from_db()
    return import_.state not in UNFINISHED


def sweep_now() -> None:
    """What every cluster does each second."""
    sweep.sweep()


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
        if has_ended(import_):
            break
        let_time_pass(import_)
        sweep_now()
        work_on(import_)
    return import_
