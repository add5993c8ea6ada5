"""Asking for a job."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from tachi.accounts.models import User
from tachi.jobs import turns
from tachi.jobs.models import Job


def enqueue(kind: str, user: User | None = None, *, wake: bool = True) -> Job:
    """The job of this kind for the user, or the site: a new or the unfinished one.

    In the caller's transaction, whose commit starts it. An unfinished job goes on after
    that commit, even if it was just about to end; a paused one stays paused. Without
    `wake` only the sweep starts it: the caller means to run it.
    """
    while True:
        unfinished = Job.objects.unfinished().filter(kind=kind, user=user)
        with transaction.atomic():
            if unfinished.update(requests=F("requests") + 1):
                job = unfinished.get()
            else:
                try:
                    with transaction.atomic():
                        job = Job.objects.create(kind=kind, user=user, turn_at=Now())
                except IntegrityError:
                    continue  # somebody else was first: join theirs
            if wake:
                turns.wake_next()
            return job
