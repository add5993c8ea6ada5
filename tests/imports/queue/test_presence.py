"""A cluster's sign of life, which never holds up what it tells of."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from imports.models import Worker
from imports.queue import presence
from imports.queue.presence import Presence
from imports.queue.sweeper import Sweeper
from tests.factories import make_row
from tests.imports.queue.clusters import reads_proc, wait_until


@pytest.fixture
def clock(monkeypatch):
    """Stands for `time.monotonic`."""
    now = [1000.0]
    monkeypatch.setattr(presence, "time", type("", (), {"monotonic": lambda: now[0]}))
    return now


def age_all(seconds):
    Worker.objects.update(last_seen=Now() - timedelta(seconds=seconds))


@pytest.mark.django_db
def test_it_says_it_is_there_every_few_seconds_with_one_statement(clock):
    there = Presence(77)
    there.beat()
    worker = Worker.objects.get()
    assert worker.name.endswith(":77")
    age_all(100)
    for step, statements in ((1, 0), (3, 0), (1, 1), (1, 0), (4, 1)):
        clock[0] += step
        with CaptureQueriesContext(connection) as captured:
            there.beat()
        assert len(captured) == statements
    again = Worker.objects.get()
    assert again.since == worker.since
    assert again.last_seen >= worker.last_seen


@pytest.mark.django_db
def test_a_name_that_comes_again_is_another_worker(clock):
    Presence(1).beat()
    before = Worker.objects.get()
    Worker.objects.update(since=Now() - timedelta(days=1))
    Presence(1).beat()
    assert Worker.objects.get().since >= before.since
    assert Worker.objects.count() == 1


@pytest.mark.django_db
def test_who_is_long_dead_is_forgotten_when_another_begins(clock):
    Presence(1).beat()
    age_all(599)
    Presence(2).beat()
    assert Worker.objects.count() == 2
    age_all(601)
    Presence(3).beat()
    assert [each.name[-2:] for each in Worker.objects.all()] == [":3"]


@pytest.mark.django_db
def test_a_row_that_was_deleted_is_written_again(clock):
    there = Presence(1)
    there.beat()
    Worker.objects.all().delete()
    clock[0] += 5
    there.beat()
    assert Worker.objects.count() == 1


def test_the_sweep_goes_on_whatever_becomes_of_the_sign(monkeypatch, caplog):
    def fail():
        raise OperationalError("gone")

    there = Presence(1)
    monkeypatch.setattr(there, "beat", fail)
    Sweeper(there).tell()
    assert "No sign of life" in caplog.text


def test_a_database_that_hangs_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(presence, "FAREWELL_SECONDS", 0.05)
    there = Presence(1)
    monkeypatch.setattr(there, "_leave", lambda: time.sleep(5))
    began = time.monotonic()
    there.leave()
    assert time.monotonic() - began < 2


@pytest.mark.slow
@reads_proc
def test_a_real_cluster_is_seen_and_its_lost_imports_are_counted(start_cluster):
    cluster = start_cluster()
    assert wait_until(lambda: Worker.objects.exists()), cluster.log
    worker = Worker.objects.get()
    assert worker.name.endswith(f":{cluster.supervisor.pid}")
    import_ = make_row(user_agent="die")

    def is_taken_over():
        import_.refresh_from_db()
        return import_.takeovers

    assert wait_until(is_taken_over), cluster.log
    cluster.ask_to_stop()
    cluster.supervisor.wait(20)
    assert not Worker.objects.exists()
