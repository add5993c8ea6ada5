import os

import pytest

from imports.queue import signs
from imports.queue.signs import Kind, Pipe, Sign
from imports.queue.watch import Watch

ONE, OTHER = 101, 102  # pids


@pytest.fixture
def watch():
    return Watch(workers=2, stuck=10, stalled=15)


def look(watch, *told, seconds=0.2, dead=()):
    watch.look(told, seconds, lambda pid: pid not in dead)


def wait(watch, seconds, *at_work):
    """So long nothing happens, but that those at work give signs."""
    for _ in range(seconds * 2):
        look(watch, *(Sign(Kind.BEATS, pid) for pid in at_work), seconds=0.5)


def handed_out(task):
    return Sign(Kind.HANDED_OUT, 100, task)


def began(task, pid=ONE):
    return Sign(Kind.BEGAN, pid, task)


def took(pk, number=1, pid=ONE):
    return Sign(Kind.TOOK, pid, pk, number)


def test_a_cluster_that_takes_nothing_is_stuck(watch):
    look(watch, handed_out(1))
    wait(watch, 9)
    assert not watch.is_stuck()
    wait(watch, 2)
    assert watch.is_stuck()


def test_a_cluster_without_tasks_is_not_stuck(watch):
    look(watch, handed_out(1), began(1), Sign(Kind.ENDED, ONE))
    wait(watch, 60)
    assert not watch.is_stuck()


def test_a_cluster_that_is_only_behind_is_not_stuck(watch):
    for task in range(10):
        look(watch, handed_out(task))
    for task in range(9):
        wait(watch, 6)
        look(watch, began(task), Sign(Kind.ENDED, ONE))
        assert not watch.is_stuck()


def test_a_cluster_whose_workers_are_all_busy_is_not_stuck(watch):
    look(watch, *map(handed_out, (1, 2, 3)), began(1), began(2, OTHER))
    wait(watch, 600, ONE, OTHER)
    assert not watch.is_stuck()
    look(watch, Sign(Kind.ENDED, OTHER))
    wait(watch, 9, ONE)
    assert not watch.is_stuck()
    wait(watch, 2, ONE)
    assert watch.is_stuck()


def test_a_task_that_was_lost_is_not_waited_for_once_a_later_one_has_begun(watch):
    look(watch, *map(handed_out, (1, 2)), began(2), Sign(Kind.ENDED, ONE))
    wait(watch, 60)
    assert not watch.is_stuck()


def test_a_worker_that_gives_no_sign_has_stalled_and_no_other(watch):
    look(watch, *map(handed_out, (1, 2)), began(1), began(2, OTHER))
    wait(watch, 14, ONE)
    assert watch.stalled_workers() == []
    wait(watch, 2, ONE)
    assert watch.stalled_workers() == [OTHER]


def test_a_worker_without_a_task_gives_no_sign_and_has_not_stalled(watch):
    look(watch, handed_out(1), began(1), Sign(Kind.ENDED, ONE))
    wait(watch, 60)
    assert watch.stalled_workers() == []


def test_a_supervisor_that_slept_takes_nobody_for_stuck(watch):
    look(watch, *map(handed_out, (1, 2)), began(1))
    look(watch, seconds=1_000)
    assert not watch.is_stuck()
    assert watch.stalled_workers() == []


def test_what_workers_at_work_have_taken_is_known(watch):
    look(watch, *map(handed_out, (1, 2)), began(1), began(2, OTHER))
    look(watch, took(7), took(8, 3, OTHER))
    assert watch.held() == [(7, 1), (8, 3)]
    look(watch, Sign(Kind.ENDED, ONE))
    assert watch.held() == [(8, 3)]
    look(watch, dead={OTHER})
    look(watch, dead={OTHER})
    assert watch.held() == []


def test_what_a_worker_has_taken_is_kept_for_a_moment_after_its_death(watch):
    look(watch, handed_out(1), began(1), took(7))
    look(watch, dead={ONE})
    assert watch.held() == [(7, 1)]
    look(watch)
    look(watch, dead={ONE})
    assert watch.held() == [(7, 1)]
    look(watch, dead={ONE})
    assert watch.held() == []


def test_what_a_stalled_worker_has_taken_is_not_handed_back(watch):
    look(watch, handed_out(1), began(1), took(7))
    watch.forget(ONE)
    assert watch.held() == []


def test_signs_are_read_in_order_and_nobody_waits_for_them(monkeypatch):
    pipe = Pipe()
    try:
        monkeypatch.setattr(signs, "_writer", pipe.writer)
        assert list(pipe.read()) == []
        for number in range(1_500):
            signs.tell(Kind.TOOK, 7, number)
        found = list(pipe.read())
        assert found == [Sign(Kind.TOOK, os.getpid(), 7, n) for n in range(1_500)]
        assert list(pipe.read()) == []
    finally:
        pipe.close()


def test_a_process_without_a_supervisor_tells_nobody():
    signs.tell(Kind.BEATS)


def test_a_worker_whose_supervisor_died_is_not_disturbed(monkeypatch):
    pipe = Pipe()
    monkeypatch.setattr(signs, "_writer", pipe.writer)
    os.close(pipe.reader)
    try:
        signs.tell(Kind.BEATS)
    finally:
        os.close(pipe.writer)
