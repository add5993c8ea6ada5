"""Locks that somebody else holds, in a connection of their own."""

import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tachi.accounts.models import User

needs_locks = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)
AT_ONCE = 0.5  # seconds: nobody has waited
PATIENCE = 20  # seconds after which a lock is given up, and its test fails


@contextmanager
def held_elsewhere(lock, *args):
    """What `lock(*args)` locks is locked by another thread until the block ends.

    The block gets a function that ends it before.
    """
    locked, ended = Event(), Event()

    def hold():
        try:
            with lock(*args):
                locked.set()
                ended.wait(PATIENCE)
        finally:
            connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert locked.wait(PATIENCE)
    try:
        yield ended.set
    finally:
        ended.set()
        thread.join()


@contextmanager
def row_of(user):
    """The user's row, as an UPDATE of any column locks it."""
    with transaction.atomic():
        assert User.objects.select_for_update(no_key=True).get(pk=user.pk)
        yield


@contextmanager
def takes_at_most(seconds):
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds, f"It took {took:.2f} s."


@contextmanager
def in_another_thread(act):
    """Begin it; the block gets a function that says whether it has ended."""
    ended, result = Event(), []

    def run():
        try:
            result.append(act())
        finally:
            connection.close()
            ended.set()

    thread = Thread(target=run)
    thread.start()
    try:
        yield ended.is_set
    finally:
        thread.join(PATIENCE)
        assert result and result[0], "It failed."
