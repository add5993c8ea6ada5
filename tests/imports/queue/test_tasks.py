from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ, Schedule, Success, Task

from imports import pipeline, tasks
from imports.models import Import, ImportInput, Revert, State
from imports.queue import leases, sweep, wake_ups
from tests.factories import make_row, make_user
from tests.imports.queue.test_leases import let_expire, woken

pytestmark = pytest.mark.django_db


def be_late(*imports):
    for import_ in imports:
        let_expire(import_)


def test_a_wake_up_is_rolled_back_with_its_import():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        wake_ups.wake(make_row())
        raise ZeroDivisionError
    assert woken() == []


def test_a_wake_up_does_not_shorten_the_lease_of_an_import_that_runs(settings):
    settings.IMPORT_LEASE_SECONDS = 60
    import_ = leases.take(make_row().pk)
    wake_ups.wake(import_)
    import_.refresh_from_db()
    assert (import_.lease_until - timezone.now()).total_seconds() > 30


def test_a_task_that_comes_twice_runs_once(monkeypatch):
    runs = []
    monkeypatch.setattr(pipeline, "run", runs.append)
    import_ = make_row()
    tasks.run_import(import_.pk)
    tasks.run_import(import_.pk)
    assert runs == [import_]


def test_a_superseded_run_is_no_failure_of_the_task(monkeypatch):
    def lose(import_):
        raise leases.Superseded(import_.import_id)

    monkeypatch.setattr(pipeline, "run", lose)
    assert "Another worker" in tasks.run_import(make_row().pk)


def test_an_import_that_exceeds_the_time_out_fails_and_says_so(monkeypatch):
    def hang(import_):
        raise TimeoutException("Task exceeded maximum timeout value")

    monkeypatch.setattr(pipeline, "run", hang)
    import_ = make_row()
    with pytest.raises(TimeoutException):
        tasks.run_import(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.error_status) == (State.FAILED, 500)
    assert "took longer than 30 minutes" in import_.error_text


def test_a_sweep_costs_two_queries_when_nothing_is_wrong(django_assert_num_queries):
    wake_ups.wake(make_row())
    leases.take(make_row().pk)
    make_row(state=State.COMPLETED, sequence=1)
    OrmQ.objects.all().delete()
    with django_assert_num_queries(2):
        sweep.sweep()
    assert woken() == []


def test_a_sweep_wakes_a_worker_again_for_what_nobody_took():
    old = timezone.now() - timedelta(hours=1)
    forgotten, fresh = make_row(received_at=old), make_row(received_at=old)
    wake_ups.wake(forgotten)
    wake_ups.wake(fresh)
    OrmQ.objects.all().delete()
    be_late(forgotten)
    sweep.sweep()
    sweep.sweep()
    assert woken() == [forgotten.pk]


def test_a_task_for_another_cluster_is_no_wake_up_that_still_waits():
    old = timezone.now() - timedelta(hours=1)
    forgotten = make_row(received_at=old)
    wake_ups.wake(forgotten)
    OrmQ.objects.update(key="somebody_elses", lock=old)
    be_late(forgotten)
    sweep.sweep()
    assert woken() == 2 * [forgotten.pk]


def test_a_sweep_does_not_wake_a_worker_again_at_once():
    import_ = make_row(received_at=timezone.now() - timedelta(hours=1))
    wake_ups.wake(import_)
    OrmQ.objects.all().delete()
    sweep.sweep()
    assert woken() == []


def test_a_sweep_wakes_a_worker_for_what_none_was_woken_for_but_not_at_once():
    fresh = make_row()
    sweep.sweep()
    assert woken() == []
    old = timezone.now() - timedelta(seconds=6)
    Import.objects.filter(pk=fresh.pk).update(received_at=old)
    sweep.sweep()
    assert woken() == [fresh.pk]


def test_a_sweep_wakes_no_worker_for_an_import_whose_turn_has_not_come():
    user = make_user()
    leases.take(make_row(user).pk)
    be_late(make_row(user))
    sweep.sweep()
    assert woken() == []


def wake_a_minute_ago(import_):
    """Since then its wake-up has waited for a free worker."""
    wake_ups.wake(import_)
    past = timezone.now() - timedelta(minutes=1)
    wake_up = OrmQ.objects.order_by("pk").last()
    OrmQ.objects.filter(pk=wake_up.pk).update(lock=past)
    Import.objects.filter(pk=import_.pk).update(
        wake_again_at=past + wake_ups.WAKE_AGAIN_AFTER
    )


def test_a_sweep_does_not_lengthen_a_queue_that_is_behind():
    waiting = [make_row() for _ in range(3)]
    for import_ in waiting:
        wake_a_minute_ago(import_)
    sweep.sweep()
    assert woken() == [import_.pk for import_ in waiting]


def test_a_sweep_wakes_a_worker_for_what_was_lost_in_a_queue_that_is_behind():
    lost, waiting = make_row(), make_row()
    wake_a_minute_ago(lost)
    Import.objects.filter(pk=lost.pk).update(
        wake_again_at=timezone.now() - timedelta(minutes=2)
    )
    OrmQ.objects.all().delete()
    wake_a_minute_ago(waiting)
    sweep.sweep()
    assert woken() == [waiting.pk, lost.pk]


def test_a_sweep_hands_on_the_import_of_a_dead_worker_even_then():
    wake_ups.wake(make_row())
    dead = leases.take(make_row().pk)
    be_late(dead)
    sweep.sweep()
    sweep.sweep()
    assert woken()[1:] == [dead.pk]
    assert leases.take(dead.pk).lease_number == 2


def test_a_sweep_gives_up_what_was_cut_off_too_often(settings):
    settings.IMPORT_ATTEMPTS = 1
    import_ = leases.take(make_row().pk)
    be_late(import_)
    sweep.sweep()
    import_.refresh_from_db()
    assert (import_.state, import_.error_status) == (State.FAILED, 500)
    assert woken() == []


def test_the_broker_outlives_a_database_that_is_away(monkeypatch):
    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr("imports.queue.broker.ORM.dequeue", fail)
    monkeypatch.setattr("imports.queue.broker.connection", SimpleNamespace(close=list))
    monkeypatch.setattr("imports.queue.broker.RETRY_SECONDS", 0.01)
    assert get_broker().dequeue() is None


def test_the_broker_hands_out_tasks_in_the_order_in_which_they_came():
    imports = [make_row() for _ in range(5)]
    for import_ in imports:
        wake_ups.wake(import_)
    first = OrmQ.objects.order_by("pk").first()
    first.save()  # a row that is written again moves to the end of PostgreSQL's table
    broker = get_broker()
    found = [broker.dequeue()[0][0] for _ in imports]
    assert found == sorted(found)


def make_revert(import_, days_ago):
    return Revert.objects.create(
        of_import=import_,
        origin=Revert.Origin.API,
        snapshot=b"scores",
        reverted_at=timezone.now() - timedelta(days=days_ago),
    )


def test_the_purge_forgets_what_can_no_longer_be_restored(settings):
    settings.RESTORE_DAYS = 30
    old = make_revert(make_row(state=State.REVERTED, sequence=1), days_ago=31)
    new = make_revert(make_row(state=State.REVERTED, sequence=1), days_ago=29)
    tasks.purge()
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.snapshot is None
    assert bytes(new.snapshot) == b"scores"


def test_the_purge_forgets_old_inputs_but_not_of_unfinished_imports(settings):
    settings.INPUT_DAYS = 30
    old = timezone.now() - timedelta(days=31)
    done = make_row(state=State.FAILED, received_at=old)
    unfinished = make_row(received_at=old)
    recent = make_row(state=State.FAILED)
    for import_ in (done, unfinished, recent):
        ImportInput.objects.create(of_import=import_, payload=b"")
    tasks.purge()
    left = set(ImportInput.objects.values_list("pk", flat=True))
    assert left == {unfinished.pk, recent.pk}


def test_the_purge_forgets_sessions_that_have_ended(client, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH_SIZE", 2)
    client.force_login(make_user())
    now = timezone.now()
    for number in range(5):
        ended = now - timedelta(days=number, seconds=1)
        Session.objects.create(session_key=f"s{number}", expire_date=ended)
    tasks.purge()
    assert [each.session_key for each in Session.objects.all()] == [
        client.session.session_key
    ]


def test_the_purge_forgets_old_successes_but_no_failures(monkeypatch):
    monkeypatch.setattr(tasks, "BATCH_SIZE", 2)
    old = timezone.now() - timedelta(days=4)
    for number in range(5):
        make_result(f"s{number}", True, old)
    make_result("recent", True, timezone.now())
    make_result("failure", False, old)
    tasks.purge()
    assert not Success.objects.exclude(id="recent").exists()
    assert Task.objects.count() == 2


def make_result(id_, success, stopped):
    Task.objects.create(
        id=id_, name=id_, func="f", success=success, started=stopped, stopped=stopped
    )


def test_the_purge_is_on_the_schedule_once():
    today = timezone.now().date()
    tasks.schedule_daily()
    tasks.schedule_daily()
    scheduled = Schedule.objects.get(name="purge")
    assert scheduled.func == "imports.tasks.purge"
    assert scheduled.next_run.date() > today
