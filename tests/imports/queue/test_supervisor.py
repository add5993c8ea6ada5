import pytest

from imports.queue import supervisor
from imports.queue.supervisor import Supervisor


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
