import threading

import orjson
import pytest
from django.db import connection, transaction

from imports import pipeline
from imports.models import Import, State
from imports.queue import leases, wake_ups
from tests.attacks.query_cost import statements_of
from tests.factories import NOON, document, make_chart, make_row, make_user, play
from tests.imports.queue.test_leases import woken

pytestmark = pytest.mark.django_db


def accept(user):
    sent = pipeline.Sent(user, "file/batch-manual", b"{}")
    return pipeline.accept(sent, inline=False)


def end(import_):
    """Its worker takes it, and it ends."""
    taken = leases.take(import_.pk)
    assert leases.fail(taken, 400, "No.")


def test_a_worker_is_woken_for_the_first_import_of_a_user_only():
    user = make_user()
    first, *_ = [accept(user) for _ in range(5)]
    assert woken() == [first.pk]


def test_an_import_that_runs_is_waited_for_as_well():
    user = make_user()
    leases.take(make_row(user).pk)
    accept(user)
    assert woken() == []


def test_users_take_turns():
    """One sent three before the other sent any; a worker does what it is woken for."""
    one, other = make_user(), make_user()
    of_one = [accept(one) for _ in range(3)]
    of_other = [accept(other) for _ in range(3)]
    for turn in range(3):
        assert woken()[2 * turn :] == [of_one[turn].pk, of_other[turn].pk]
        end(of_one[turn])
        end(of_other[turn])


def test_the_next_is_the_first_queued_import_of_the_user():
    make_row()
    user = make_user()
    make_row(user, state=State.FAILED)
    first, _ = make_row(user), make_row(user)
    wake_ups.wake_next(user.pk)
    assert woken() == [first.pk]


def test_nobody_is_woken_while_an_earlier_one_runs():
    user = make_user()
    leases.take(make_row(user).pk)
    make_row(user)
    wake_ups.wake_next(user.pk)
    assert woken() == []


def test_an_import_that_ends_out_of_turn_wakes_nobody():
    user = make_user()
    first, later = accept(user), make_row(user)
    assert leases.fail(leases.take_now(later.pk), 400, "No.")
    assert woken() == [first.pk]


def test_a_wake_up_for_an_import_whose_turn_has_not_come_costs_one_look():
    user = make_user()
    make_row(user)
    later = make_row(user)
    assert statements_of(lambda: leases.take(later.pk)) <= 3  # and a savepoint


@pytest.mark.postgresql  # on SQLite there is one writer at a time
@pytest.mark.django_db(transaction=True)
def test_an_import_that_comes_while_the_one_before_it_ends_is_woken_for():
    """It does not see that the other ends, and the other does not see it: one waits."""
    user, accepted = make_user(), threading.Event()
    running = leases.take(make_row(user).pk)

    def finish():
        accepted.wait(20)
        leases.fail(running, 400, "No.")
        connection.close()

    ending = threading.Thread(target=finish)
    ending.start()
    with transaction.atomic():
        came = accept(user)
        accepted.set()
        ending.join(1)
        assert ending.is_alive()
    ending.join(20)
    assert woken() == [came.pk]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_wait_for_an_import_that_is_locked():
    import_ = make_row()
    taken, looked = [], threading.Event()

    def work():
        taken.append(leases.take(import_.pk))
        looked.set()
        connection.close()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        Import.objects.filter(pk=import_.pk).update(description="at work")
        worker.start()
        assert looked.wait(10)
    worker.join()
    assert taken == [None]
    assert leases.take(import_.pk).attempts == 0


def test_an_import_completes_and_the_next_is_woken_for():
    user, chart = make_user(), make_chart()
    payload = orjson.dumps(document(play(chart, 9_000_000, NOON)))

    sent = pipeline.Sent(user, "file/batch-manual", payload)
    first, second = (pipeline.accept(sent, inline=False) for _ in range(2))
    pipeline.run(leases.take(first.pk))
    assert woken() == [first.pk, second.pk]
