"""Waking a worker for an import.

A wake-up is a django-q task that holds nothing but the import's id: what is to be done
is in the Import row. Delivered twice, it finds the import taken; lost, it is sent again
by `imports.queue.sweep`. It is a row of the same database, so it is committed together
with the import, or not at all.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from imports.models import Import, State

TURNS = 1_953_853_043  # the first half of the keys of PostgreSQL's locks for this
WAKE_AGAIN_AFTER = timedelta(seconds=5)


def wake(import_: Import) -> None:
    """Enqueue a wake-up for a queued import; the transaction's commit sends it."""
    # Only while it is queued: a worker may have taken it, and its times are its own.
    # Whoever has the row takes it or ends it, and may wait for `_one_at_a_time`, which
    # this transaction has: waiting for the row would be a deadlock.
    row = Import.objects.queued().filter(pk=import_.pk)
    free = row.select_for_update(skip_locked=True, no_key=True)
    Import.objects.filter(pk__in=free.values("pk")).update(
        wake_again_at=Now() + WAKE_AGAIN_AFTER,
        waiting_since=Coalesce("waiting_since", Now()),
    )
    async_task("imports.tasks.run_import", import_.pk)


def wake_in_turn(import_: Import) -> None:
    """Enqueue a wake-up for a new import, unless its user has earlier unfinished ones:
    the last of these to end wakes for it. To be called last in the transaction.

    So there is one wake-up a user in the queue, however many imports wait.
    """
    _one_at_a_time(import_.user_id)
    if Import.objects.in_turn().filter(pk=import_.pk).exists():
        wake(import_)


def wake_next(user_id: int, *, after: int = 0) -> None:
    """Enqueue a wake-up for the user's first unfinished import, if it is queued.

    `after` is the import that ended, by its primary key: one that was not the first
    was not waited for. To be called last in the transaction.
    """
    _one_at_a_time(user_id)
    unfinished = Import.objects.unfinished().filter(user_id=user_id)
    first = unfinished.order_by("pk").first()
    if first and first.state == State.QUEUED and first.pk > after:
        wake(first)


def _one_at_a_time(user_id: int) -> None:
    """Let no import of the user be accepted while one ends: neither would see the
    other, and nobody would be woken. Until the end of the transaction.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            key = user_id % 2**31
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURNS, key])


def waiting_since() -> datetime | None:
    """When the first wake-up came that waits in the queue for a free worker.

    What was woken for later may be behind it, and is not to be woken for again: that
    would only make a long queue longer. Rows of other clusters are never taken by ours.
    """
    ours = OrmQ.objects.filter(key=Conf.CLUSTER_NAME)
    waiting = ours.filter(lock__lte=timezone.now())
    return waiting.aggregate(since=Min("lock"))["since"]
