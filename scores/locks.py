"""Locks: one change of a player's scores at a time, from whatever process.

Two kinds, always taken in this order: all charts (shared by changes of scores,
exclusive for a load of seeds), then the player.

On PostgreSQL the locks are advisory: a lock on the user's row would make logins, bans
and new passwords, which write that row, wait for imports.

A web request waits for locks as long as its patience lasts (`waiting_at_most`): who
waits in it keeps others waiting, for there are only a few web processes.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction

CHARTS = 1_651_663_986  # the key of the lock for all charts; -ID is that of a player's

LEAST_WAIT = 0.05  # seconds; also for rows, which others lock for moments

#: The seconds that this request may still wait for locks. None: as long as it takes.
_left: ContextVar[float | None] = ContextVar("_left", default=None)

NO_LOCK_IN_TIME = "55P03"  # PostgreSQL's code
NO_END_IN_TIME = "57014"


class Busy(Exception):
    """Another change of this player's scores has not ended in time."""

    status = 409
    headers = {"Retry-After": "1"}  # seconds

    @property
    def text(self) -> str:
        return str(self)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """In this block all waits for locks together take no longer (`patience`)."""
    token = _left.set(seconds)
    try:
        yield
    finally:
        _left.reset(token)


def patience(seconds: float | None = None) -> float | None:
    """How long to wait, of the seconds that one would like to: what is left of them."""
    left = _left.get()
    if left is None:
        return seconds
    left = max(left, LEAST_WAIT)
    return left if seconds is None else min(left, seconds)


@contextmanager
def a_wait() -> Iterator[None]:
    """What the block takes counts as a wait for a lock."""
    began = time.monotonic()
    try:
        yield
    finally:
        left = _left.get()
        if left is not None:
            _left.set(left - (time.monotonic() - began))


@contextmanager
def only_change_of(
    user_id: int, wait_seconds: float | None = None, *, of_imports: bool = True
) -> Iterator[None]:
    """A transaction that excludes other changes of this user's facts, and of charts.

    The lock goes when the transaction does, however that ends. Charts do not change
    and the user is not deleted while it lasts. SQLite has no such locks and needs none:
    it has one writer at a time.
    Without `of_imports` no document of an import changes: polls keep their answers.
    Raises `Busy` when the lock cannot be had within `wait_seconds` (None: as long as
    the database is willing to wait; in a web request no longer than its patience), or
    no row within that time later on.
    """
    inside = False
    wait_seconds = patience(wait_seconds)
    try:
        with ExitStack() as stack:
            with a_wait():
                stack.enter_context(_busy_timeout(wait_seconds))
                stack.enter_context(transaction.atomic())
                if connection.vendor == "postgresql":
                    _lock_player(user_id, wait_seconds)
            inside = True
            yield
            if of_imports:
                # Last, because it locks the user's row.
                _execute(COUNT_CHANGE.format(users=_users()), user_id)
    except OperationalError as error:
        if not _waited_in_vain(error, inside):
            raise
        raise Busy("Another change of these scores is at work.") from error


@contextmanager
def not_waiting_longer_than(seconds: float) -> Iterator[None]:
    """A transaction, none of whose statements waits longer than that for a lock.

    Raises `Busy` when one would have to.
    """
    try:
        with _busy_timeout(seconds), transaction.atomic():
            if connection.vendor == "postgresql":
                _wait_at_most(seconds)
            yield
    except OperationalError as error:
        if not _waited_in_vain(error, inside=False):
            raise
        raise Busy("Something else that is changed just now is in the way.") from error


#: Both locks and that of the user's row, where nobody has them: then one statement will
#: do. The row is locked once the condition holds, so it waits for nobody either.
IF_FREE = """
    SELECT FROM {users} WHERE id = %s AND CASE
        WHEN %s != '' AND set_config('lock_timeout', %s, true) IS NULL THEN false
        WHEN NOT pg_try_advisory_xact_lock_shared(%s) THEN false
        ELSE pg_try_advisory_xact_lock(%s)
    END FOR KEY SHARE
"""


COUNT_CHANGE = "UPDATE {users} SET change_number = change_number + 1 WHERE id = %s"


def _users() -> str:
    return connection.ops.quote_name(get_user_model()._meta.db_table)


def _lock_player(user_id: int, wait_seconds: float | None) -> None:
    users = _users()
    limit = "" if wait_seconds is None else _limit(wait_seconds)
    with connection.cursor() as cursor:
        sql = IF_FREE.format(users=users)
        cursor.execute(sql, [user_id, limit, limit, CHARTS, -user_id])
        if cursor.rowcount:
            return
    began = time.monotonic()
    _wait_at_most(wait_seconds)
    _lock_charts("pg_advisory_xact_lock_shared")
    waited = time.monotonic() - began
    if wait_seconds and waited > wait_seconds / 10:
        _wait_at_most(wait_seconds - waited)
    _execute(f"SELECT pg_advisory_xact_lock({-user_id})")
    # A deletion waits for this, an UPDATE of the row does not.
    _execute(f"SELECT FROM {users} WHERE id = %s FOR KEY SHARE", user_id)


def _wait_at_most(seconds: float | None) -> None:
    """For each lock in this transaction from now on. Zero would mean for ever."""
    if seconds is not None:
        _execute("SELECT set_config('lock_timeout', %s, true)", _limit(seconds))


def _limit(seconds: float) -> str:
    return f"{max(1, int(seconds * 1000))}ms"


def _waited_in_vain(error: OperationalError, inside: bool) -> bool:
    """Whether it is for somebody else's lock; otherwise the database has a trouble."""
    code = getattr(error.__cause__, "pgcode", None)
    if code is None:
        return not inside and "is locked" in str(error)
    return code == NO_LOCK_IN_TIME or (code == NO_END_IN_TIME and not inside)


def take_if_free(user_id: int) -> bool:
    """Whether no change of this user's facts is at work; none begins then, either.

    That holds until the caller's transaction ends, which may enter `only_change_of`.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({-user_id})")
        return cursor.fetchone()[0]


@contextmanager
def only_change_of_charts() -> Iterator[None]:
    """A transaction for changes of songs and charts, which excludes those of scores."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _lock_charts("pg_advisory_xact_lock")
        yield


def _lock_charts(function: str) -> None:
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


def _execute(sql: str, *parameters: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
