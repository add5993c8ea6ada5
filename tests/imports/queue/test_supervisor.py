import pytest
from django.db import OperationalError

from imports.models import Import, State
from imports.queue import leases, supervisor
from imports.queue.supervisor import Supervisor, Watch, waiting_for_a_free_worker
from tests.factories import make_row, make_user

pytestmark = pytest.mark.django_db


class Clock:
    """Stands for the module `time`; sleeping takes no time."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


def test_only_imports_that_a_free_worker_could_take_count_as_waiting(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    user = make_user()
    waiting, _ = make_row(user), make_row(user)
    leases.take(make_row().pk)
    assert waiting_for_a_free_worker() == {waiting.pk}
    leases.take(make_row().pk)
    assert waiting_for_a_free_worker() == set()


def is_stuck_after(watch, clock, seconds):
    clock.sleep(seconds)
    return watch.is_stuck()


def test_a_cluster_that_takes_nothing_is_stuck(clock):
    make_row()
    watch = Watch(stuck_seconds=10)
    assert not is_stuck_after(watch, clock, 1)
    assert not is_stuck_after(watch, clock, 9)
    assert is_stuck_after(watch, clock, 2)


def test_a_cluster_that_is_only_behind_is_not_stuck(clock):
    taken = make_row()
    make_row()
    watch = Watch(stuck_seconds=10)
    assert not is_stuck_after(watch, clock, 1)
    leases.take(taken.pk)
    Import.objects.filter(pk=taken.pk).update(state=State.FAILED)
    assert not is_stuck_after(watch, clock, 11)
    assert is_stuck_after(watch, clock, 11)


def test_a_cluster_is_not_stuck_because_the_database_is_away(clock, monkeypatch):
    def fail():
        raise OperationalError("gone")

    make_row()
    watch = Watch(stuck_seconds=10)
    assert not is_stuck_after(watch, clock, 1)
    with monkeypatch.context() as patch:
        patch.setattr(supervisor, "waiting_for_a_free_worker", fail)
        patch.setattr(supervisor.connection, "close", list)
        assert not is_stuck_after(watch, clock, 11)
    assert not is_stuck_after(watch, clock, 1)


def test_the_database_is_asked_once_a_second(clock, django_assert_num_queries):
    watch = Watch(stuck_seconds=10)
    with django_assert_num_queries(0):
        assert not is_stuck_after(watch, clock, 0.9)


def test_a_cluster_that_keeps_dying_is_started_again_after_growing_pauses(clock):
    watched = Supervisor(stuck_seconds=10, stop_seconds=25)

    def pause_after(seconds):
        watched.started = clock.now - seconds
        before = clock.now
        watched.pause_if_it_keeps_dying()
        return round(clock.now - before)

    assert [pause_after(1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert pause_after(11) == 0
    assert pause_after(1) == 1


def test_a_supervisor_that_is_to_stop_does_not_pause(clock):
    watched = Supervisor(stuck_seconds=10, stop_seconds=25)
    watched.started = clock.now
    watched.on_stop_signal()
    watched.pause_if_it_keeps_dying()
    assert clock.now == 1000
