"""A kind of job to test with: it counts to `up_to`, a number with each step."""

from django.db import OperationalError, transaction

from tachi.jobs import leases
from tachi.jobs.run import NotNow

up_to = 3
seen: list[str] = []
trouble: list[Exception] = []  # raised by the next steps, one each


def begin(numbers):
    global up_to
    up_to = numbers
    seen.clear()
    trouble.clear()


def step(job):
    seen.append(job.user.username if job.user else "the site")
    if trouble:
        raise trouble.pop(0)
    if job.done >= up_to:
        return False
    with transaction.atomic():
        leases.store(job, done=job.done + 1, total=up_to, result={"sum": job.done + 1})
    return True


BUSY = NotNow("A planted one.")
AWAY = OperationalError("A planted one.")
