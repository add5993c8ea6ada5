"""How long a reverted import can come back: RESTORE_DAYS, counted from the end of the
batch that it was reverted in, and as long as somebody holds the batch.

Of a batch of a single import, as each single revert records one, that is the revert.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from imports.models import Revert


class NotRestorable(Exception):
    """The import cannot be restored; the text is the reason."""


def is_over(now: datetime | None = None) -> Q:
    """The condition on reverts whose imports cannot be restored any more."""
    since = (now or timezone.now()) - timedelta(days=settings.RESTORE_DAYS)
    alone = Q(batch=None) | Q(batch__imports__lte=1, batch__finished_at__isnull=False)
    ended = alone | Q(batch__finished_at__lt=since)
    let_go = Q(batch=None) | Q(batch__held=False)
    return Q(reverted_at__lt=since) & ended & let_go


def kept_until(revert: Revert) -> datetime:
    """When the snapshot of a revert is deleted; that may be over.

    While its batch has not ended, or is held, it is kept on and on: no less than
    RESTORE_DAYS from now.
    """
    days = timedelta(days=settings.RESTORE_DAYS)
    batch = revert.batch
    if batch is None:
        return revert.reverted_at + days
    if batch.held or batch.finished_at is None:
        return timezone.now() + days
    ends = revert.reverted_at if batch.imports <= 1 else batch.finished_at
    return max(ends, revert.reverted_at) + days


def restorable_until(revert: Revert) -> datetime | None:
    """`kept_until`; None if that is over."""
    until = kept_until(revert)
    return until if until > timezone.now() else None


def is_restorable(revert: Revert) -> bool:
    """Whether what it held is still there, and will be brought back."""
    return revert.snapshot is not None and restorable_until(revert) is not None


def require_restorable(revert: Revert) -> None:
    """Raise NotRestorable, with the day, for a revert that was too long ago."""
    if not is_restorable(revert):
        day = revert.reverted_at.date().isoformat()
        raise NotRestorable(
            f"It was reverted more than {settings.RESTORE_DAYS} days ago, on {day}."
        )
