from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from imports.models import State
from imports.queue import leases, sweeper
from imports.queue.sweeper import Sweeper
from tests.factories import make_row
from tests.imports.queue.test_leases import let_expire, woken

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """Stands for the module `time`."""
    clock = SimpleNamespace(now=1_000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(sweeper, "time", clock)
    return clock


def dead():
    """An import whose lease has run out."""
    import_ = leases.take(make_row().pk)
    let_expire(import_)
    return import_


def test_every_second_the_imports_of_dead_workers_are_queued_again(clock):
    sweeps, import_ = Sweeper(), dead()
    clock.now += 1
    sweeps.sweep()
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.QUEUED, 1)
    assert woken() == [import_.pk]


def test_nobody_counts_as_dead_for_a_time_in_which_the_database_was_away(
    clock, monkeypatch
):
    def fail():
        raise OperationalError("gone")

    sweeps, import_ = Sweeper(), dead()
    with monkeypatch.context() as patch:
        patch.setattr(sweeper, "sweep", fail)
        patch.setattr(sweeper, "connection", SimpleNamespace(close=list))
        for _ in range(12):
            clock.now += 1
            sweeps.sweep()
    clock.now += 1
    sweeps.sweep()
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.RUNNING, 0)
    assert import_.lease_until > timezone.now()


def test_nobody_counts_as_dead_for_a_time_in_which_a_sweep_waited(clock, monkeypatch):
    sweeps, import_ = Sweeper(), leases.take(make_row().pk)

    def wait():
        clock.now += 60
        let_expire(import_)

    with monkeypatch.context() as patch:
        patch.setattr(sweeper, "sweep", wait)
        sweeps.sweep()
    clock.now += 1
    sweeps.sweep()
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.RUNNING, 0)


def test_a_fault_of_ours_does_not_end_the_sweeps(clock, monkeypatch, caplog):
    def fail():
        raise KeyError("planted")

    monkeypatch.setattr(sweeper, "sweep", fail)
    Sweeper().sweep()
    assert "planted" in caplog.text
