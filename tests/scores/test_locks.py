"""The player's lock: one change at a time, no longer than it is waited for."""

import time
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from scores.edits import delete_score
from scores.locks import (
    Busy,
    only_change_of,
    only_change_of_charts,
    take_if_free,
)
from scores.models import Score
from tachi.accounts.models import User
from tests.factories import NOON, make_chart, make_import, make_user, play
from tests.locking import (
    AT_ONCE,
    held_elsewhere,
    in_another_thread,
    needs_locks,
    takes_at_most,
)

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 0.5  # seconds


def enter(user_id, wait_seconds=None):
    with only_change_of(user_id, wait_seconds):
        return True


@needs_locks
def test_a_second_change_of_a_player_waits_for_the_first():
    user = make_user()
    with (
        held_elsewhere(only_change_of, user.pk) as let_go,
        in_another_thread(lambda: enter(user.pk)) as has_ended,
    ):
        time.sleep(AT_ONCE)
        assert not has_ended()
        let_go()


@needs_locks
def test_other_players_and_readers_do_not_wait():
    user, other = make_user(), make_user()
    with held_elsewhere(only_change_of, user.pk), takes_at_most(AT_ONCE):
        assert enter(other.pk)
        assert User.objects.get(pk=user.pk).username


@needs_locks
def test_who_is_being_changed_can_be_passed_over():
    user, other = make_user(), make_user()
    with held_elsewhere(only_change_of, user.pk), transaction.atomic():
        assert not take_if_free(user.pk)
        assert take_if_free(other.pk)
        assert enter(other.pk)
        with in_another_thread(lambda: not enters(other.pk)):
            pass


def enters(user_id):
    try:
        return enter(user_id, 0.1)
    except Busy:
        return False


@needs_locks
@pytest.mark.parametrize("seconds", [0, 0.2, 1])
def test_it_is_waited_for_so_long_and_no_longer(seconds):
    user = make_user()
    with held_elsewhere(only_change_of, user.pk):
        began = time.monotonic()
        with pytest.raises(Busy):
            enter(user.pk, seconds)
        assert seconds <= time.monotonic() - began + 0.01 < seconds + 0.5


@needs_locks
def test_waiting_for_charts_and_then_for_the_player_is_no_longer():
    user = make_user()
    with (
        held_elsewhere(player_alone, user.pk),
        in_another_thread(lambda: change_charts(0.9)),
    ):
        time.sleep(0.2)
        began = time.monotonic()
        with pytest.raises(Busy):
            enter(user.pk, 1)
        assert 0.9 < time.monotonic() - began < 1.4


@contextmanager
def player_alone(user_id):
    """His lock without that of the charts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [-user_id])
        yield


def change_charts(seconds):
    with only_change_of_charts():
        time.sleep(seconds)
    return True


@needs_locks
def test_a_row_that_is_locked_later_on_is_waited_for_no_longer_either():
    user = make_user()
    make_import(user, play(make_chart(), time=NOON))
    score = Score.objects.get()
    with (
        held_elsewhere(row_of_score, score),
        pytest.raises(Busy),
        only_change_of(user.pk, WAIT),
    ):
        score.delete()
    assert Score.objects.exists()


@contextmanager
def row_of_score(score):
    with transaction.atomic():
        Score.objects.select_for_update().get(pk=score.pk)
        yield


@needs_locks
def test_users_with_ids_of_any_size_have_locks_of_their_own():
    users = [make_user(pk=pk) for pk in (2**31 - 1, 2**31, 2**53 - 1)]
    with (
        held_elsewhere(only_change_of, users[0].pk),
        held_elsewhere(only_change_of, users[1].pk),
    ):
        assert enter(users[2].pk, WAIT)


@needs_locks
def test_a_user_is_deleted_after_the_change_that_is_at_work():
    user = make_user()
    with (
        held_elsewhere(only_change_of, user.pk) as let_go,
        in_another_thread(user.delete) as has_ended,
    ):
        time.sleep(AT_ONCE)
        assert not has_ended()
        let_go()
    assert not User.objects.filter(pk=user.pk).exists()


def delete(user):
    """A user with all scores, as the only change of them."""
    with only_change_of(user.pk):
        Score.objects.filter(user=user).delete()
        return User.objects.get(pk=user.pk).delete()


@needs_locks
def test_a_deletion_under_the_lock_takes_along_what_was_written_before_it():
    user = make_user()
    with (
        held_elsewhere(writing, user) as let_go,
        in_another_thread(lambda: delete(user)) as has_ended,
    ):
        time.sleep(AT_ONCE)
        assert not has_ended()
        let_go()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Score.objects.exists()


@contextmanager
def writing(user):
    with only_change_of(user.pk):
        make_import(user, play(make_chart(), time=NOON))
        yield


@needs_locks
def test_a_change_that_waited_for_the_deletion_of_its_user_finds_nothing():
    user = make_user()
    make_import(user, play(make_chart(), time=NOON))
    score = Score.objects.get()
    with (
        held_elsewhere(deleting, user) as let_go,
        in_another_thread(lambda: delete_score(score) is False) as has_ended,
    ):
        time.sleep(AT_ONCE)
        assert not has_ended()
        let_go()


@contextmanager
def deleting(user):
    with only_change_of(user.pk):
        delete(user)
        yield


def test_the_lock_goes_with_its_transaction():
    user = make_user()
    with pytest.raises(ZeroDivisionError), only_change_of(user.pk, WAIT):
        raise ZeroDivisionError
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (0,)
    assert enter(user.pk, WAIT)
