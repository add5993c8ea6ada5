"""What all leases share, of jobs and of imports: how long, and how they are renewed."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler

logger = logging.getLogger(__name__)

RENEWALS_A_LEASE = 3
RETRY_SECONDS = 1  # until a renewal that the database did not take is tried again


class ThisMoment(Now):
    """When the row is written. PostgreSQL's Now is when the statement came: one that
    waited for a lock would renew a lease to an end that has passed already.
    """

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, template="CLOCK_TIMESTAMP()", **context
        )


def lease_end() -> CombinedExpression:
    """The end of a lease that is taken or renewed now, by the database's clock."""
    return ThisMoment() + timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


@contextmanager
def renewing(renew: Callable[[], bool], of: object) -> Iterator[None]:
    """Renew a lease, three times a lease, for as long as the block runs.

    `renew` says whether the lease is still one's own; `of` names it in the log.
    """
    stop = threading.Event()
    heartbeat = threading.Thread(
        target=_renew_until, args=(renew, of, stop), name="lease", daemon=True
    )
    heartbeat.start()
    try:
        yield
    finally:
        stop.set()
        heartbeat.join()


def _renew_until(renew: Callable[[], bool], of: object, stop: threading.Event) -> None:
    # In a thread of its own, `connection` is a connection of its own: a renewal is
    # committed at once, whatever transaction the work itself is in.
    pause = interval = settings.IMPORT_LEASE_SECONDS / RENEWALS_A_LEASE
    try:
        while not stop.wait(pause):
            try:
                if not renew():
                    return
                pause = interval
            except (OperationalError, InterfaceError):
                connection.close()
                pause = min(interval, RETRY_SECONDS)
                logger.warning("The lease of %s was not renewed yet.", of)
    finally:
        connection.close()
