"""How the import side is, for the first page of those who look after it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone

from imports.class_review.listing import TO_REVIEW
from imports.models import Import, RevertBatch, State
from scores.models import ClassClaim

HOURS = 24
HOUR = timedelta(hours=1)
LISTED = 5  # of what failed, and of batches
ENDED = (State.COMPLETED, State.REVERTED, State.FAILED)
#: Batches that wait for somebody, or for workers.
OPEN = (
    "draft",
    "queued",
    "running",
    "pausing",
    "paused",
    "cancelling",
    "restoring",
)


class Hour(NamedTuple):
    """How many imports ended in an hour, and how many of them failed."""

    start: datetime
    imports: int
    failed: int


def by_hour(now: datetime | None = None) -> list[Hour]:
    """The last HOURS hours, oldest first, the one that runs among them; one statement.

    Of a reverted import the hour is that in which it was imported.
    """
    last = (now or timezone.now()).astimezone(UTC)
    last = last.replace(minute=0, second=0, microsecond=0)
    starts = [last - HOUR * back for back in reversed(range(HOURS))]
    counted = (
        Import.objects.filter(state__in=ENDED, finished_at__gte=starts[0])
        .annotate(hour=TruncHour("finished_at", tzinfo=UTC))
        .order_by()
        .values_list("hour")
        .annotate(all=Count("pk"), failed=Count("pk", filter=Q(state=State.FAILED)))
    )
    found = {hour: Hour(hour, *counts) for hour, *counts in counted}
    return [found.get(start, Hour(start, 0, 0)) for start in starts]


def last_failed() -> QuerySet[Import]:
    """The last imports that failed, newest first."""
    failed = Import.objects.failed().order_by("-finished_at").select_related("user")
    return failed.only(
        "import_id",
        "user__username",
        "import_type",
        "finished_at",
        "state",
        "error_text",
    )[:LISTED]


def open_batches() -> QuerySet[RevertBatch]:
    """Batches that are not done, newest first: drafts that wait for a confirmation, and
    those that workers are at.
    """
    return RevertBatch.objects.filter(state__in=OPEN).order_by("-pk")[:LISTED]


def reviews_open() -> int:
    """How many classes of reverted imports nobody has decided about."""
    return ClassClaim.objects.filter(TO_REVIEW).count()
