"""A write that takes longer than a lease is work, not a worker that died."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.tasks import async_task

from imports.models import Import, State
from scores.derived.integrity import check_user
from tests.attacks.backends import other_connection
from tests.attacks.queued import accept, has_ended
from tests.attacks.triggers import slow_write, trigger
from tests.factories import NOON, document, make_chart, make_row, make_user, play
from tests.imports.queue.clusters import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
]

LEASE, STUCK, WRITE = 2, 2, 8  # seconds: as 30, 10 and 120 are on a site


@pytest.fixture
def cluster(start_cluster):
    return start_cluster(
        f"--stuck-seconds={STUCK}", workers=2, IMPORT_LEASE_SECONDS=LEASE
    )


@pytest.fixture
def chart(database_url):
    return make_chart()


def one_score(chart, score=9_000_000):
    return accept(make_user(), document(play(chart, score, NOON)))


def completed_at_the_first_attempt(cluster, imports):
    assert wait_until(lambda: all(map(has_ended, imports)), 40), cluster.log
    for import_ in imports:
        assert import_.state == State.COMPLETED, (import_.error_text, cluster.log)
        assert import_.scores.count() == 1
        assert check_user(import_.user_id) == []
    assert [cluster.times_begun(import_) for import_ in imports] == [1] * len(imports)


@contextmanager
def nothing_is_killed(cluster):
    """Every process of the cluster that is there now is there at the end."""
    there = set(cluster.processes())
    yield
    assert cluster.alive(there) == there, cluster.log


def test_a_long_write_stops_nobody_and_completes_once(cluster, chart):
    is_slow = "EXISTS (SELECT FROM changed WHERE comment = 'slow')"
    act = f"IF {is_slow} THEN PERFORM pg_sleep({WRITE + 4}); END IF"
    with nothing_is_killed(cluster), trigger("scores_score", act):
        sent = document(play(chart, 9_500_000, NOON, comment="slow"))
        long = accept(make_user(), sent)
        assert wait_until(lambda: cluster.times_begun(long) == 1), cluster.log
        time.sleep(0.5)
        began, others = time.monotonic(), []
        while time.monotonic() - began < WRITE - 2:
            others.append(one_score(chart))
            assert wait_until(lambda: has_ended(others[-1])), cluster.log
            assert not has_ended(long)
            time.sleep(0.3)
        completed_at_the_first_attempt(cluster, [long, *others])


def test_long_writes_of_all_workers_are_left_in_peace(cluster, chart):
    with nothing_is_killed(cluster), slow_write("scores_score", WRITE):
        waiting = [one_score(chart, 9_000_000 + n) for n in range(3)]
        completed_at_the_first_attempt(cluster, waiting)


@pytest.mark.parametrize(
    ("table", "mode"),
    [("scores_score", "SHARE"), ("imports_import", "ACCESS EXCLUSIVE")],
    ids=["CREATE INDEX on scores", "ALTER TABLE of imports"],
)
def test_a_change_of_the_schema_stops_no_cluster_and_costs_no_attempt(
    cluster, chart, table, mode
):
    before = one_score(chart)
    assert wait_until(lambda: has_ended(before)), cluster.log
    late = []
    with nothing_is_killed(cluster):
        slow = accept(
            make_user(), document(play(chart, 9_100_000, NOON)), user_agent="work 1"
        )
        assert wait_until(lambda: cluster.times_begun(slow) == 1), cluster.log
        sender = threading.Thread(target=lambda: late.append(one_score(chart)))
        with locked(table, mode):
            sender.start()
            time.sleep(WRITE)
        sender.join()
        completed_at_the_first_attempt(cluster, [slow, *late])
        time.sleep(STUCK + 1)


@contextmanager
def locked(table, mode):
    """The lock that such a statement holds while it works."""
    with other_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
        cursor.execute("COMMIT")


def test_a_long_purge_of_the_only_worker_stops_no_cluster(start_cluster, chart):
    cluster = start_cluster(f"--stuck-seconds={STUCK}", IMPORT_LEASE_SECONDS=LEASE)
    year_ago = timezone.now() - timedelta(days=365)
    old = one_score(chart)
    assert wait_until(lambda: has_ended(old)), cluster.log
    Import.objects.filter(pk=old.pk).update(received_at=year_ago)
    sleep = f"PERFORM pg_sleep({WRITE})"
    with (
        nothing_is_killed(cluster),
        trigger("imports_importinput", sleep, on="DELETE"),
    ):
        async_task("imports.tasks.purge")
        time.sleep(1)
        waiting = [one_score(chart), one_score(chart)]
        completed_at_the_first_attempt(cluster, waiting)


def test_a_row_that_is_locked_is_not_handed_to_another_worker(cluster, chart):
    """Whoever holds the lock is at work on it: a sweep leaves its lease alone."""
    long_ago = timezone.now() - timedelta(minutes=5)
    row = make_row(state=State.RUNNING, lease_number=1, lease_until=long_ago)
    with nothing_is_killed(cluster), other_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "UPDATE imports_import SET lease_until = lease_until WHERE id = %s",
            [row.pk],
        )
        time.sleep(STUCK + 3)
        row.refresh_from_db()
        assert (row.state, row.lease_number) == (State.RUNNING, 1)
        cursor.execute("ROLLBACK")
        row.delete()
