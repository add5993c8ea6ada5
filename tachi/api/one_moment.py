"""Answers of several statements are of one moment, whatever is changed meanwhile."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction

ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@contextmanager
def one_snapshot() -> Iterator[None]:
    """What the block reads is the database as it was when it began to read.

    It writes nothing, and waits for nobody: on SQLite it takes no lock to write, as
    other transactions of the site do. Inside another transaction it does nothing.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _deferred():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(ONE_SNAPSHOT)
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    """SQLite's transaction that takes its snapshot when it first reads."""
    sqlite: Any = connection
    sqlite.ensure_connection()  # which sets the mode
    usual = sqlite.transaction_mode
    with ExitStack() as stack:
        sqlite.transaction_mode = "DEFERRED"
        try:
            stack.enter_context(transaction.atomic())
        finally:
            sqlite.transaction_mode = usual
        yield
