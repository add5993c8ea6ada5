"""How the queue is: one account for the command, the admin, the probe and metrics."""

from datetime import datetime, timedelta
from typing import Annotated, TypedDict

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from imports.models import Import, Worker
from imports.queue.presence import FORGOTTEN_AFTER
from tachi.api.times import milliseconds

SEEN_WITHIN_SECONDS = 60  # a worker that gave no sign for longer counts as dead
MOST_RUNNING = 100  # that are named; more than there are workers
HOUR = timedelta(hours=1)
INTERNAL = 500  # from this status on the failure is ours, not the document's


class Running(TypedDict):
    """An import that a worker works on."""

    importID: str
    user: Annotated[str, "The name."]
    since: Annotated[int, "When it was first begun, in unix milliseconds."]
    phase: str


class Seen(TypedDict):
    """A cluster of workers: `host:pid` of its supervisor."""

    name: str
    lastSeenSeconds: float


class QueueStatus(TypedDict):
    """How the queue is; `ok` when there are no `problems`."""

    ok: bool
    waiting: Annotated[int, "Imports that no worker has taken, their turn or not."]
    oldestSeconds: Annotated[
        float | None, "How long the one has waited whose turn came first."
    ]
    running: list[Running]
    failedLastHour: Annotated[int, "Refused documents as well."]
    workers: list[Seen]
    problems: list[str]


def queue_status() -> QueueStatus:
    """How the queue is: six statements, whatever it holds. Raises database errors."""
    now = database_time()
    oldest, workers = oldest_seconds(now), workers_seen(now)
    failed, internal = failed_since(now - HOUR)
    problems = [*problems_of(oldest, workers), *failures(internal)]
    return {
        "ok": not problems,
        "waiting": Import.objects.free().count(),
        "oldestSeconds": oldest,
        "running": running(),
        "failedLastHour": failed,
        "workers": workers,
        "problems": problems,
    }


def database_time() -> datetime:
    """Now, by the clock by which workers' signs and leases are stamped."""
    if connection.vendor != "postgresql":
        return timezone.now()  # the database is on this very machine
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def oldest_seconds(now: datetime) -> float | None:
    """How long the import has waited for a worker whose turn came first.

    What waits for an earlier import of its user waits for no worker. None when nobody
    waits.
    """
    free = Import.objects.first_of_each_user().free()
    waiting_since = Coalesce("waiting_since", "received_at")
    since = free.aggregate(first=Min(waiting_since))["first"]
    return None if since is None else age(since, now)


def workers_seen(now: datetime) -> list[Seen]:
    """Those that gave a sign of life in the last minutes, the latest first."""
    seen = Worker.objects.filter(last_seen__gte=now - FORGOTTEN_AFTER)
    return [
        {"name": each.name, "lastSeenSeconds": age(each.last_seen, now)}
        for each in seen.order_by("-last_seen", "name")
    ]


def failed_since(moment: datetime) -> tuple[int, int]:
    """How many imports failed since then, and how many of them by fault of ours."""
    failed = Import.objects.failed().filter(finished_at__gte=moment)
    internal = Count("pk", filter=Q(error_status__gte=INTERNAL))
    found = failed.aggregate(all=Count("pk"), internal=internal)
    return found["all"], found["internal"]


def running() -> list[Running]:
    """The imports that workers work on, the first begun first."""
    held = Import.objects.held().select_related("user").order_by("started_at", "pk")
    found = held.only("import_id", "user__username", "started_at", "phase")
    return [
        {
            "importID": each.import_id,
            "user": each.user.username,
            "since": milliseconds(each.started_at or each.received_at),
            "phase": each.phase or "starting",
        }
        for each in found[:MOST_RUNNING]
    ]


def worker_problem(workers: list[Seen]) -> str | None:
    """What is wrong with the workers; nothing where imports run in the request."""
    if settings.IMPORT_INLINE:
        return None
    if not workers:
        return "No worker is there: manage.py qcluster has to run."
    last = workers[0]
    if last["lastSeenSeconds"] <= SEEN_WITHIN_SECONDS:
        return None
    ago = round(last["lastSeenSeconds"])
    return f"No worker has been seen for {ago} seconds."  # strangers see it, no name


def waiting_problem(oldest: float | None) -> str | None:
    """What is wrong with how long the first import waits."""
    most = settings.QUEUE_WAIT_SECONDS
    if oldest is None or oldest <= most:
        return None
    return (
        f"An import has waited for a worker for {round(oldest)} seconds, longer than "
        f"QUEUE_WAIT_SECONDS ({most:g})."
    )


def problems_of(oldest: float | None, workers: list[Seen]) -> list[str]:
    found = [worker_problem(workers), waiting_problem(oldest)]
    return [each for each in found if each is not None]


def failures(internal: int) -> list[str]:
    if not internal:
        return []
    words = "import has" if internal == 1 else "imports have"
    return [f"{internal} {words} failed by an internal error in the last hour."]


def age(moment: datetime, now: datetime) -> float:
    """Seconds since a moment, never below zero."""
    return round(max(0.0, (now - moment).total_seconds()), 1)
