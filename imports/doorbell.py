"""Waking a worker for an import.

The queue is only a bell: what is to be done is in the Import row, so a bell that rings
twice finds it taken, and one that is lost is rung again by `imports.tasks.sweep`. The
bell's row is in the same database: it is committed with the import, or not at all.
"""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from imports.models import Import, State

RING_AGAIN_SECONDS = 5


def ring(import_: Import) -> None:
    """Wake a worker for a queued import, when the surrounding transaction commits."""
    Import.objects.filter(pk=import_.pk, state=State.QUEUED).update(
        lease_until=Now() + timedelta(seconds=RING_AGAIN_SECONDS)
    )
    async_task("imports.tasks.run_import", import_.pk)


def ring_next(user_id: int) -> None:
    """Wake a worker for the user's first queued import, if there is one."""
    waiting = Import.objects.filter(user_id=user_id, state=State.QUEUED)
    if import_ := waiting.order_by("pk").first():
        ring(import_)


def rings_unheard() -> bool:
    """Whether the workers are behind: bells wait in the queue, so none need be lost.

    Ringing again would only make a long queue longer.
    """
    return OrmQ.objects.filter(lock__lte=timezone.now()).exists()
