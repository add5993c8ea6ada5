"""Terminating a connection's real backend: before a statement, or while it runs."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.db import connection

COPY = re.compile(r'COPY "?(\w+)')
DOZE = """
    CREATE OR REPLACE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('attacks.doze', true) = 'on' THEN PERFORM pg_sleep(30);
        END IF;
        RETURN NULL;
    END $$
"""


class Termination:
    """Counts statements and commits, and ends the backend at one of them.

    `before`: the statement is sent to a backend that is gone. `during`: the backend is
    terminated while it works on the statement; a commit has taken effect, and its
    answer is lost. `at` is a number, or how the statement begins.
    """

    def __init__(self, at: int | str = 0, moment: str = "before"):
        self.at, self.moment = at, moment
        self.seen: list[str] = []

    @property
    def victim(self) -> str:
        return self.seen[self.at - 1]

    @property
    def loses_an_answer(self) -> bool:
        """Whether nobody can know if what was committed took effect."""
        return self.moment == "during" and self.victim == "COMMIT"

    def is_due(self, sql: str) -> bool:
        """Whether this is the one; from then on `at` is its number."""
        self.seen.append(sql)
        if isinstance(self.at, str) and sql.startswith(self.at):
            self.at = len(self.seen)
        return len(self.seen) == self.at

    def __call__(self, execute, sql, params, many, context):
        if not self.is_due(sql):
            return execute(sql, params, many, context)
        if self.moment == "before" or many:
            terminate_own_backend()
            return execute(sql, params, many, context)
        with terminated_in_its_sleep():
            if COPY.match(sql):
                context["cursor"].cursor.execute("SET attacks.doze = 'on'")
                return execute(sql, params, many, context)
            return execute(f"{sql}; SELECT pg_sleep(30)", params, many, context)

    def commit(self, really_commit) -> None:
        if not self.is_due("COMMIT"):
            return really_commit()
        if self.moment == "during":
            really_commit()
        terminate_own_backend()
        with connection.wrap_database_errors:
            connection.connection.cursor().execute("SELECT 1")
        raise AssertionError("The connection outlived its backend.")


@contextmanager
def terminating(
    monkeypatch, at: int | str = 0, moment="before"
) -> Iterator[Termination]:
    """What this thread sends to the database in the block is attacked at one place."""
    termination = Termination(at, moment)
    commit = connection._commit
    with monkeypatch.context() as patch, connection.execute_wrapper(termination):
        patch.setattr(connection, "_commit", lambda: termination.commit(commit))
        yield termination


def terminate_own_backend() -> None:
    with other_connection() as cursor:
        pid = connection.connection.info.backend_pid
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@contextmanager
def terminated_in_its_sleep() -> Iterator[None]:
    """The backend of this thread is terminated as soon as it sleeps in a statement."""
    pid, over = connection.connection.info.backend_pid, threading.Event()

    def watch() -> None:
        with other_connection() as cursor:
            while not over.wait(0.005):
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE pid = %s AND wait_event = 'PgSleep'",
                    [pid],
                )
                if cursor.rowcount:
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def other_connection() -> Iterator[psycopg2.extensions.cursor]:
    """A connection to the same database that no wrapper and no transaction touches."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    other = psycopg2.connect(**parameters)
    other.autocommit = True
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@contextmanager
def dozing(tables: set[str]) -> Iterator[None]:
    """Whoever has `attacks.doze` set falls asleep after it wrote to one."""
    with other_connection() as cursor:
        cursor.execute(DOZE)
        for table in tables:
            cursor.execute(
                f"CREATE TRIGGER doze AFTER INSERT ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION doze()"
            )
    try:
        yield
    finally:
        connection.close()
        with other_connection() as cursor:
            cursor.execute("DROP FUNCTION doze CASCADE")
