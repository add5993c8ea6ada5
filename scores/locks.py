"""One change of a player's scores at a time, whichever way it comes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction

CHARTS = 1_651_663_986  # the advisory lock on PostgreSQL that stands for all charts

LOCKED = {"55P03", "57014"}  # PostgreSQL: no lock in time, no end in time


class Busy(Exception):
    """Another change of this player's scores is at work, and takes too long."""

    status = 409

    @property
    def text(self) -> str:
        return str(self)


@contextmanager
def only_change_of(user_id: int, wait_seconds: float | None = None) -> Iterator[None]:
    """A transaction that no other change of this user's facts can enter.

    The lock is the user's own row, so it goes when the transaction does, however that
    ends. SQLite has no row locks and needs none: it has one writer at a time. Charts
    do not change while it lasts.
    Raises `Busy` when the lock cannot be had within `wait_seconds` (None: as long as
    the database is willing to wait).
    """
    users = get_user_model().objects.select_for_update(no_key=True)
    inside = False
    try:
        with _patience(wait_seconds), transaction.atomic():
            if wait_seconds is not None and connection.vendor == "postgresql":
                _execute(
                    "SELECT set_config('lock_timeout', %s, true)",
                    f"{int(wait_seconds * 1000)}ms",
                )
            _lock_charts("pg_advisory_xact_lock_shared")
            list(users.filter(pk=user_id).values_list("pk"))
            inside = True
            yield
    except OperationalError as error:
        if inside or not _waited_in_vain(error):
            raise
        raise Busy("Another change of these scores is at work.") from error


def _waited_in_vain(error: OperationalError) -> bool:
    """Whether it is for somebody else's lock; otherwise the database has a trouble."""
    code = getattr(error.__cause__, "pgcode", None)
    return code in LOCKED if code else "is locked" in str(error)


@contextmanager
def only_change_of_charts() -> Iterator[None]:
    """A transaction in which songs and charts change, and no player's scores do."""
    with transaction.atomic():
        _lock_charts("pg_advisory_xact_lock")
        yield


def _lock_charts(function: str) -> None:
    if connection.vendor == "postgresql":
        _execute(f"SELECT {function}({CHARTS})")


@contextmanager
def _patience(wait_seconds: float | None) -> Iterator[None]:
    """On SQLite, how long to wait for the other writer."""
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
