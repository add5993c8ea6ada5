"""Whose turn it is: jobs go on one after the other, a second each.

At any time one worker at most has a job, so that the others, and that one after a
second, are free for imports.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from tachi.jobs import leases
from tachi.jobs.models import Job, State

WAKE_AGAIN_AFTER = timedelta(seconds=5)


def wake_next() -> None:
    """Wake a worker for the job that has waited longest, unless a job is at work."""
    if Job.objects.at_work().exists():
        return
    job = Job.objects.due().first()
    if job is None or _is_in_the_queue(job):
        return
    queued = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    queued.update(wake_again_at=Now() + WAKE_AGAIN_AFTER)
    async_task("tachi.jobs.tasks.run_job", job.pk, save=False)


def sweep() -> None:
    """Take jobs from workers that died, and send lost wake-ups again.

    Called every second by every cluster: one indexed query when there is no job.
    """
    if not Job.objects.moving().exists():
        return
    recover_lapsed()
    with transaction.atomic():
        wake_next()


def recover_lapsed() -> None:
    """Take jobs from workers that died or stalled."""
    with transaction.atomic():
        # A row that is locked now belongs to a worker that is storing its progress.
        lapsed = Job.objects.lapsed().select_for_update(skip_locked=True, no_key=True)
        for job in lapsed:
            leases.recover(job)


def _is_in_the_queue(job: Job) -> bool:
    """Whether its wake-up may be there still, behind others that wait for a worker.

    They are served in order: it is lost when all that wait were sent later.
    """
    if job.wake_again_at is None:
        return False
    ours = OrmQ.objects.filter(key=Conf.CLUSTER_NAME)
    return ours.filter(lock__lte=job.wake_again_at).exists()
