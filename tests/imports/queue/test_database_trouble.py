import threading

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from imports import tasks, write
from imports.models import Import, State
from imports.pipeline import run, run_inline
from imports.queue import leases, sweep
from scores.derived.integrity import check_user
from scores.locks import Busy, only_change_of
from tests.factories import NOON, document, make_chart, make_user, play, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent():
    return send(make_user(), document(play(make_chart(), 9_000_000, NOON)))


def end_connection():
    """What an operator, or a restart of the server, does to a connection at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    thread = threading.Thread(target=terminate, args=[pid])
    thread.start()
    thread.join()


def terminate(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()


def completes_when_tried_again(import_):
    sweep.sweep()
    tasks.run_import(import_.pk)
    import_.refresh_from_db()
    assert import_.state == State.COMPLETED
    assert import_.scores.count() == 1
    assert check_user(import_.user_id) == []


@pytest.mark.postgresql  # SQLite has no connections to lose
def test_an_import_whose_connection_is_lost_is_tried_again(sent, monkeypatch):
    recalculate = write.insert_and_recalculate

    def cut_off(*args):
        end_connection()
        return recalculate(*args)

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(write, "insert_and_recalculate", cut_off)
        run(leases.take(sent.pk))
    assert Import.objects.get(pk=sent.pk).state == State.QUEUED
    completes_when_tried_again(sent)


def test_an_import_that_could_not_have_the_lock_is_tried_again(sent):
    taken, begun, done = leases.take(sent.pk), threading.Event(), threading.Event()

    def other_change():
        with only_change_of(sent.user_id):
            begun.set()
            done.wait(20)
        connection.close()

    patience = {
        "sqlite": "PRAGMA busy_timeout = 200",
        "postgresql": "SET statement_timeout = 200",
    }
    with connection.cursor() as cursor:
        cursor.execute(patience[connection.vendor])
    thread = threading.Thread(target=other_change)
    thread.start()
    begun.wait(20)
    try:
        with pytest.raises(Busy):
            run(taken)
    finally:
        done.set()
        thread.join()
        connection.close()
    leases.give_back(taken)
    completes_when_tried_again(sent)


def delays_until(sent):
    """Seconds from now until the import is tried again."""
    sent.refresh_from_db()
    return (sent.wake_again_at - timezone.now()).total_seconds()


def cut_off(*args):
    raise OperationalError("deadlock detected")


def test_trouble_of_the_database_delays_an_import_and_counts_for_nothing(
    sent, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(write, "insert_and_recalculate", cut_off)
        found = []
        for _ in range(8):
            with pytest.raises(OperationalError):
                tasks.run_import(sent.pk)
            found.append(round(delays_until(sent)))
    assert found == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (sent.state, sent.attempts, sent.error_text) == (State.QUEUED, 0, "")
    completes_when_tried_again(sent)


def test_an_import_in_a_request_is_left_to_a_worker(sent, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(write, "insert_and_recalculate", cut_off)
        assert run_inline(sent).state == State.QUEUED
    completes_when_tried_again(sent)
