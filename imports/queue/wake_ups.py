"""Waking a worker for an import.

A wake-up is a django-q task that holds nothing but the import's id: what is to be done
is in the Import row. Delivered twice, it finds the import taken; lost, it is sent again
by `imports.queue.sweep`. It is a row of the same database, so it is committed together
with the import, or not at all.
"""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from imports.models import Import

WAKE_AGAIN_AFTER = timedelta(seconds=5)


def wake(import_: Import) -> None:
    """Enqueue a wake-up for a queued import; the transaction's commit sends it."""
    # Only while it is queued: a worker may have taken it, and its times are its own.
    Import.objects.queued().filter(pk=import_.pk).update(
        wake_again_at=Now() + WAKE_AGAIN_AFTER
    )
    async_task("imports.tasks.run_import", import_.pk)


def wake_next(user_id: int) -> None:
    """Enqueue a wake-up for the user's first queued import, if there is one."""
    waiting = Import.objects.queued().filter(user_id=user_id)
    if import_ := waiting.order_by("pk").first():
        wake(import_)


def queue_is_behind() -> bool:
    """Whether wake-ups wait for a free worker, so that none need be sent again.

    More of them would only make a long queue longer.
    """
    return OrmQ.objects.filter(lock__lte=timezone.now()).exists()
