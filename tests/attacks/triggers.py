"""Triggers on PostgreSQL's tables that make writes slow, or impossible, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.attacks.backends import other_connection

FULL = """
    RAISE EXCEPTION 'could not extend file: No space left on device'
    USING ERRCODE = '53100', HINT = 'Check free disk space.'
"""


@contextmanager
def trigger(table: str, act: str, *, on: str = "INSERT") -> Iterator[None]:
    """PL/pgSQL, run after each statement that inserts into (or deletes ...) a table.

    `changed` is what the statement wrote, or took away. Until the block ends; that
    waits for the transactions that are at it.
    """
    rows = "OLD" if on == "DELETE" else "NEW"
    name = f"attack_on_{table}"
    with other_connection() as cursor:
        cursor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {act}; RETURN NULL; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER {name} AFTER {on} ON {table}"
            f" REFERENCING {rows} TABLE AS changed"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    try:
        yield
    finally:
        with other_connection() as cursor:
            cursor.execute(f"DROP FUNCTION {name} CASCADE")


def slow_write(table: str, seconds: float):
    """Each statement that inserts into the table takes that much longer."""
    return trigger(table, f"PERFORM pg_sleep({seconds})")


def full_disk(table: str):
    """Each statement that inserts into the table fails at once, as on a full disk."""
    return trigger(table, FULL)
