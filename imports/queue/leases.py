"""Who may work on an import: one worker at a time, and never for ever.

A worker takes an import for IMPORT_LEASE_SECONDS under the next lease number and
renews the lease while it works. A worker that dies stops renewing, and another takes
the import under the number after; a slow one that comes back finds a number that is
not its own and writes nothing. Nobody ever unlocks anything by hand. All times are
the database's: the clocks of two hosts may differ.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.db.transaction import TransactionManagementError

from imports.models import Import, ImportQuerySet, State
from imports.queue import wake_ups

logger = logging.getLogger(__name__)

BUSY_PAUSE = 1  # seconds until a renewal that did not get through is tried again


class Superseded(Exception):
    """The import is no longer this worker's; whatever it has must not be written."""


def take(pk: int) -> Import | None:
    """Take an import whose turn it is; None where it is another's, done, or waits.

    One that was started IMPORT_ATTEMPTS times already fails instead.
    """
    return _take(Import.objects.in_turn(), pk)


def take_now(pk: int) -> Import | None:
    """The same for a run in the foreground, which does not wait for earlier imports."""
    return _take(Import.objects.unfinished(), pk)


def _take(candidates: ImportQuerySet, pk: int) -> Import | None:
    with transaction.atomic():
        free = candidates.free().filter(pk=pk)
        # Another worker may have taken it in the meantime: the WHERE decides.
        taken = free.filter(lease_number__lt=settings.IMPORT_ATTEMPTS).update(
            state=State.RUNNING,
            lease_number=F("lease_number") + 1,
            lease_until=_lease_end(),
            wake_again_at=None,
            started_at=Coalesce("started_at", Now()),
        )
        if taken:
            return Import.objects.select_related("user").get(pk=pk)
        give_up(free)
    return None


def give_up(imports: ImportQuerySet) -> None:
    """Fail those that nobody holds and that were started IMPORT_ATTEMPTS times."""
    worn_out = imports.free().worn_out()
    for import_ in worn_out:
        _fail(
            worn_out.filter(pk=import_.pk, lease_number=import_.lease_number),
            import_,
            error_status=500,
            error_text=f"The import was started {import_.lease_number} times, was cut "
            "off each time, and was given up.",
            error_detail="Its worker died or did not renew its lease.",
        )


def renew(import_: Import) -> bool:
    """Extend this worker's lease; False if it is not this worker's any more."""
    return bool(own(import_).update(lease_until=_lease_end()))


@contextmanager
def keep_renewing(import_: Import) -> Iterator[None]:
    """Renew the lease, three times a lease, for as long as the block runs."""
    stop = threading.Event()
    heartbeat = threading.Thread(
        target=_renew_until, args=(import_, stop), name="lease", daemon=True
    )
    heartbeat.start()
    try:
        yield
    finally:
        stop.set()
        heartbeat.join()


def _renew_until(import_: Import, stop: threading.Event) -> None:
    # In a thread of its own, `connection` is a connection of its own.
    pause = every = settings.IMPORT_LEASE_SECONDS / 3
    try:
        while not stop.wait(pause):
            try:
                if not renew(import_):
                    return
                pause = every
            except (OperationalError, InterfaceError):
                connection.close()
                pause = min(every, BUSY_PAUSE)
                logger.warning("The lease of import %s was not renewed yet.", import_)
    finally:
        connection.close()


def fence(import_: Import) -> None:
    """Make sure, as the first statement of a transaction, that the import is ours.

    Until the transaction ends nobody else can take it. Raises Superseded.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A fence only holds inside a transaction.")
    if not renew(import_):
        raise Superseded(import_.import_id)


def fail(import_: Import, status: int, text: str, detail: str = "") -> bool:
    """End it as failed, and let the user's next one begin; False if not ours any more.

    `status` and `text` are what the poll answers, `detail` is for operators.
    """
    return _fail(
        own(import_),
        import_,
        error_status=status,
        error_text=text,
        error_detail=detail,
    )


def _fail(rows: ImportQuerySet, import_: Import, **error) -> bool:
    with transaction.atomic():
        failed = rows.update(
            state=State.FAILED,
            finished_at=Now(),
            lease_until=None,
            wake_again_at=None,
            **error,
        )
        if failed:
            wake_ups.wake_next(import_.user_id)
    return bool(failed)


def give_back(import_: Import) -> None:
    """End the lease at once, for another attempt; where that fails, it runs out.

    For an import that was cut off by the database, through no fault of its own.
    """
    connection.close_if_unusable_or_obsolete()
    with suppress(OperationalError, InterfaceError):
        own(import_).update(lease_until=Now())


def own(import_: Import) -> ImportQuerySet:
    """The import's row, as long as it is this worker's to change."""
    return Import.objects.filter(
        pk=import_.pk, lease_number=import_.lease_number, state=State.RUNNING
    )


def _lease_end():
    return Now() + timedelta(seconds=settings.IMPORT_LEASE_SECONDS)
