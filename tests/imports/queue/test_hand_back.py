import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from imports.models import Import, State
from imports.queue import hand_back, leases, sweep
from tests.factories import make_row
from tests.imports.queue.test_leases import let_expire, woken

pytestmark = pytest.mark.django_db


def taken(import_):
    return (import_.pk, import_.lease_number)


def test_what_ran_in_a_cluster_that_was_ended_is_queued_and_no_attempt_counts():
    imports = [leases.take(make_row().pk) for _ in range(3)]
    hand_back.hand_back(map(taken, imports))
    for import_ in imports:
        import_.refresh_from_db()
        assert (import_.state, import_.attempts) == (State.QUEUED, 0)
        assert import_.wake_again_at <= timezone.now()
        assert leases.take(import_.pk).lease_number == 2


def test_a_worker_is_woken_for_it_at_once():
    import_ = leases.take(make_row().pk)
    hand_back.hand_back([taken(import_)])
    sweep.sweep()
    assert woken() == [import_.pk]


def test_what_another_worker_has_taken_since_is_left_to_it():
    first = leases.take(make_row().pk)
    let_expire(first)
    second = leases.take(first.pk)
    hand_back.hand_back([taken(first)])
    second.refresh_from_db()
    assert (second.state, second.lease_number) == (State.RUNNING, 2)


def test_what_has_ended_stays_as_it_is():
    import_ = leases.take(make_row().pk)
    leases.fail(import_, 400, "No.")
    hand_back.hand_back([taken(import_)])
    import_.refresh_from_db()
    assert import_.state == State.FAILED


def test_a_database_that_is_away_is_no_error(monkeypatch, caplog):
    def fail(*args):
        raise OperationalError("gone")

    import_ = leases.take(make_row().pk)
    monkeypatch.setattr(hand_back, "_queue_again", fail)
    monkeypatch.setattr(connection, "close", list)
    hand_back.hand_back([taken(import_)])
    assert "could not be handed back" in caplog.text


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_the_database_still_works_on_is_not_waited_for_and_counts(monkeypatch):
    monkeypatch.setattr(hand_back, "PATIENCE_SECONDS", 0.2)
    locked, free = (leases.take(make_row().pk) for _ in range(2))
    done = threading.Event()

    def act():
        hand_back.hand_back([taken(locked), taken(free)])
        done.set()
        connection.close()

    thread = threading.Thread(target=act)
    with transaction.atomic():
        Import.objects.filter(pk=locked.pk).update(description="at work")
        thread.start()
        assert done.wait(10)
    thread.join()
    states = dict(Import.objects.values_list("pk", "state"))
    assert states == {locked.pk: State.RUNNING, free.pk: State.QUEUED}
