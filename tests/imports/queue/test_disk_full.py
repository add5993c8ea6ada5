"""For seconds, every statement that writes fails at once: nobody's import may fail."""

import time
from contextlib import contextmanager
from itertools import pairwise

import psycopg2.errors
import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django_q.models import OrmQ

from imports.models import Import, State
from tests.attacks.queued import (
    accept,
    bring_to_an_end,
    has_ended,
    let_time_pass,
    sweep_now,
    work_on,
)
from tests.attacks.triggers import full_disk
from tests.factories import NOON, document, make_chart, make_user, play, send
from tests.imports.queue.clusters import wait_until

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY")
TIMES = 8
LONGEST_DELAY = 60  # seconds


class FullDisk:
    """Every statement that writes fails at once, for so long from the first."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.since = None

    def is_over(self):
        self.since = self.since or time.monotonic()
        return time.monotonic() - self.since > self.seconds

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(WRITES) and not self.is_over():
            raise OperationalError(
                "could not extend file: No space left on device"
            ) from psycopg2.errors.DiskFull("No space left on device")
        return execute(sql, params, many, context)


@contextmanager
def full_disk_once_taken(seconds):
    """From the statement after the one that takes the import: it is being written."""
    disk = None

    def look(execute, sql, params, many, context):
        nonlocal disk
        if disk is not None:
            return disk(execute, sql, params, many, context)
        found = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and "lease_number" in sql:
            disk = FullDisk(seconds)
        return found

    with connection.execute_wrapper(look):
        yield
    assert disk is not None
    assert disk.since


@pytest.fixture
def sent(transactional_db):
    return send(make_user(), document(play(make_chart(), 9_000_000, NOON)))


def delay_of(import_):
    """In how many seconds it is to be tried again, by the database's clock."""
    row = Import.objects.annotate(now=Now()).get(pk=import_.pk)
    assert row.state == State.QUEUED, (row.state, row.error_text)
    return (row.wake_again_at - row.now).total_seconds()


@pytest.mark.slow
def test_retries_are_delayed_more_and_more_and_no_number_of_them_is_too_many(sent):
    delays = []
    for _ in range(TIMES):
        with full_disk_once_taken(seconds=0.3):
            work_on(sent)
        delays.append(delay_of(sent))
        let_time_pass(sent)
    assert bring_to_an_end(sent).state == State.COMPLETED
    assert sent.scores.count() == 1
    assert all(a - 1 < b for a, b in pairwise(delays)), delays
    assert delays[0] >= 0.5, "tried again at once"
    assert delays[4] > 3 * delays[0], delays
    assert delays[-1] <= LONGEST_DELAY + 1, delays


def test_no_worker_is_woken_before_the_delay_is_over(sent):
    with full_disk_once_taken(seconds=0.3):
        work_on(sent)
    assert delay_of(sent) > 0
    sweep_now()
    assert not OrmQ.objects.exists()
    let_time_pass(sent)
    sweep_now()
    assert OrmQ.objects.count() == 1


@pytest.mark.slow
@pytest.mark.postgresql
def test_three_seconds_of_a_full_disk_fail_no_import(start_cluster):
    chart = make_chart()
    cluster = start_cluster(workers=2)
    with full_disk("scores_score"):
        waiting = [
            accept(make_user(), document(play(chart, 9_000_000 + n, NOON)))
            for n in range(6)
        ]
        time.sleep(3)
        begun = [cluster.times_begun(import_) for import_ in waiting]
        assert sum(begun) >= 6, cluster.log
        # 1 and 2 seconds apart, not as often as there is a sweep
        assert max(begun) <= 3, begun
    assert wait_until(lambda: all(map(has_ended, waiting)), 60), cluster.log
    assert [import_.state for import_ in waiting] == [State.COMPLETED] * 6, [
        (import_.error_text, import_.error_detail[-300:]) for import_ in waiting
    ]
    assert [import_.scores.count() for import_ in waiting] == [1] * 6
