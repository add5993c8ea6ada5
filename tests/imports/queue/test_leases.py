from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from imports.models import Import, State
from imports.queue import leases
from tests.factories import make_row, make_user

pytestmark = pytest.mark.django_db


def let_expire(import_):
    past = timezone.now() - timedelta(seconds=1)
    Import.objects.filter(pk=import_.pk).update(lease_until=past, wake_again_at=past)


def woken():
    """The imports for which a worker was woken, in order."""
    return [wake_up.task["args"][0] for wake_up in OrmQ.objects.order_by("pk")]


def test_a_queued_import_is_taken_once():
    queued = make_row()
    import_ = leases.take(queued.pk)
    assert (import_.state, import_.lease_number) == (State.RUNNING, 1)
    assert leases.take(queued.pk) is None


def test_a_lease_ends_after_as_many_seconds_as_are_set(settings):
    settings.IMPORT_LEASE_SECONDS = 30
    import_ = leases.take(make_row().pk)
    left = (import_.lease_until - timezone.now()).total_seconds()
    assert 25 < left <= 31


@pytest.mark.parametrize(
    "state", [State.COMPLETED, State.FAILED, State.REVERTED, State.CANCELLED]
)
def test_what_has_ended_is_not_taken_again(state):
    ended = make_row(state=state, sequence=1)
    assert leases.take(ended.pk) is None
    assert leases.take_now(ended.pk) is None


def test_the_import_of_a_worker_that_died_is_taken_under_the_next_number():
    first = leases.take(make_row().pk)
    let_expire(first)
    second = leases.take(first.pk)
    assert second.lease_number == 2
    assert second.started_at == first.started_at


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_an_import_waits_for_an_earlier_one_of_its_user(state):
    user = make_user()
    earlier = make_row(user, state=state)
    later = make_row(user)
    assert leases.take(later.pk) is None
    Import.objects.filter(pk=earlier.pk).update(state=State.FAILED)
    assert leases.take(later.pk) is not None


def test_an_import_does_not_wait_for_another_users():
    make_row()
    assert leases.take(make_row().pk) is not None


def test_an_import_in_the_foreground_does_not_wait():
    user = make_user()
    make_row(user)
    assert leases.take_now(make_row(user).pk) is not None


def test_an_import_that_was_cut_off_too_often_fails_instead(settings):
    settings.IMPORT_ATTEMPTS = 2
    user = make_user()
    import_ = make_row(user)
    following = make_row(user)
    for _ in range(2):
        assert leases.take(import_.pk) is not None
        let_expire(import_)
    assert leases.take(import_.pk) is None
    import_.refresh_from_db()
    assert (import_.state, import_.error_status) == (State.FAILED, 500)
    assert "started 2 times" in import_.error_text
    assert woken() == [following.pk]


def test_a_last_attempt_that_still_runs_is_left_alone(settings):
    settings.IMPORT_ATTEMPTS = 1
    import_ = leases.take(make_row().pk)
    assert leases.take(import_.pk) is None
    import_.refresh_from_db()
    assert import_.state == State.RUNNING


def test_only_what_nobody_holds_and_was_tried_often_enough_is_given_up(settings):
    settings.IMPORT_ATTEMPTS = 2
    held, tried_once = (leases.take(make_row().pk) for _ in range(2))
    Import.objects.filter(pk=held.pk).update(lease_number=2)
    let_expire(tried_once)
    leases.give_up(Import.objects.all())
    assert not Import.objects.failed().exists()


def test_a_lease_is_renewed_only_by_the_worker_that_holds_it():
    first = leases.take(make_row().pk)
    let_expire(first)
    second = leases.take(first.pk)
    let_expire(second)
    assert not leases.renew(first)
    assert leases.renew(second)
    second.refresh_from_db()
    assert second.lease_until > timezone.now()


def test_a_superseded_worker_does_not_get_past_the_fence():
    first = leases.take(make_row().pk)
    let_expire(first)
    second = leases.take(first.pk)
    with transaction.atomic():
        leases.fence(second)
        with pytest.raises(leases.Superseded):
            leases.fence(first)


@pytest.mark.parametrize("state", [State.CANCELLED, State.QUEUED, State.COMPLETED])
def test_nobody_gets_past_the_fence_of_an_import_that_does_not_run(state):
    import_ = leases.take(make_row(sequence=1).pk)
    Import.objects.filter(pk=import_.pk).update(state=state)
    with pytest.raises(leases.Superseded), transaction.atomic():
        leases.fence(import_)


@pytest.mark.django_db(transaction=True)
def test_a_fence_outside_a_transaction_is_an_error():
    import_ = leases.take(make_row().pk)
    with pytest.raises(transaction.TransactionManagementError):
        leases.fence(import_)


def test_a_failed_import_says_why_and_lets_the_next_one_begin():
    user = make_user()
    import_ = leases.take(make_row(user).pk)
    following = make_row(user)
    assert leases.fail(import_, 400, "No scores.", "line 1")
    import_.refresh_from_db()
    assert (import_.state, import_.error_status) == (State.FAILED, 400)
    assert (import_.error_text, import_.error_detail) == ("No scores.", "line 1")
    assert import_.finished_at is not None
    assert woken() == [following.pk]


def test_a_superseded_worker_cannot_fail_the_import():
    first = leases.take(make_row().pk)
    let_expire(first)
    leases.take(first.pk)
    assert not leases.fail(first, 500, "Too late.")
    first.refresh_from_db()
    assert first.state == State.RUNNING
