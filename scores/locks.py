"""Locks: one change of a player's scores at a time, from whatever process.

Two kinds, always taken in this order: all charts (shared by changes of scores,
exclusive for a load of seeds), then the player.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction
from django.db.models import F

CHARTS = 1_651_663_986  # key of PostgreSQL's advisory lock for all charts; any number
TIMED_OUT = {"55P03", "57014"}  # PostgreSQL: lock_timeout, statement_timeout


class Busy(Exception):
    """Another change of this player's scores has not ended in time."""

    status = 409
    headers = {"Retry-After": "1"}  # seconds

    @property
    def text(self) -> str:
        return str(self)


@contextmanager
def only_change_of(user_id: int, wait_seconds: float | None = None) -> Iterator[None]:
    """A transaction that excludes other changes of this user's facts, and of charts.

    The lock is on the user's row, so it ends with the transaction, also when the
    process is killed. It is taken by counting up the user's `change_number`, which
    tells readers that nothing has changed. SQLite has no row locks and needs none: its
    transactions are immediate, so there is one writer at a time.
    Raises `Busy` when the lock cannot be had within `wait_seconds` (None: within the
    database's own time-out).
    """
    users = get_user_model().objects.filter(pk=user_id)
    entered = False
    try:
        with _busy_timeout(wait_seconds), transaction.atomic():
            if wait_seconds is not None and connection.vendor == "postgresql":
                _execute(
                    "SELECT set_config('lock_timeout', %s, true)",
                    f"{int(wait_seconds * 1000)}ms",
                )
            _lock_charts("pg_advisory_xact_lock_shared")
            # Takes the lock of a FOR NO KEY UPDATE: inserts of the user's rows go on.
            users.update(change_number=F("change_number") + 1)
            entered = True
            yield
    except OperationalError as error:
        # After the lock was had, a time-out is that of a statement of the caller.
        if entered or not _is_time_out(error):
            raise
        raise Busy("Another change of these scores is at work.") from error


def _is_time_out(error: OperationalError) -> bool:
    """Whether a lock was not had in time; otherwise the database itself has failed."""
    code = getattr(error.__cause__, "pgcode", None)
    return code in TIMED_OUT if code else "is locked" in str(error)


@contextmanager
def only_change_of_charts() -> Iterator[None]:
    """A transaction for changes of songs and charts, which excludes those of scores."""
    with transaction.atomic():
        _lock_charts("pg_advisory_xact_lock")
        yield


def _lock_charts(function: str) -> None:
    if connection.vendor == "postgresql":
        _execute(f"SELECT {function}({CHARTS})")


@contextmanager
def _busy_timeout(wait_seconds: float | None) -> Iterator[None]:
    """Set how long SQLite waits for another writer, for the length of the block."""
    if wait_seconds is None or connection.vendor != "sqlite":
        yield
        return
    usual = connection.settings_dict["OPTIONS"].get("timeout", 5)
    _execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
    try:
        yield
    finally:
        _execute(f"PRAGMA busy_timeout = {int(usual * 1000)}")


def _execute(sql: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
