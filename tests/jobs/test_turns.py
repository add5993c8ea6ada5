"""Jobs take turns of a second, and survive whatever befalls their workers."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from imports.queue.sweep import sweep
from imports.tasks import purge
from tachi.accounts.models import AuthLevel, User
from tachi.jobs import control, leases, run
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job, State
from tachi.jobs.tasks import run_job
from tests.factories import make_user
from tests.jobs import counting

pytestmark = pytest.mark.django_db


def now(job):
    job.refresh_from_db()
    return job.state, job.done


def let_time_pass(job):
    """Its wake-up counts as lost now, its worker as dead, and a delay is over."""
    past = timezone.now() - timedelta(hours=1)
    rows = Job.objects.filter(pk=job.pk)
    rows.exclude(lease_until=None).update(lease_until=past)
    rows.exclude(wake_again_at=None).update(wake_again_at=past)
    rows.update(turn_at=past)


def work(woken):
    """What a worker does until nobody wakes it any more."""
    while pks := woken():
        for pk in pks:
            run_job(pk)


def test_a_job_goes_on_in_tasks_that_wake_the_next(woken):
    job = enqueue("count")
    for done in (1, 2, 3):
        assert woken() == [job.pk]
        run_job(job.pk)
        assert now(job) == (State.QUEUED, done)
    work(woken)
    assert now(job) == (State.DONE, 3)
    assert job.result == {"sum": 3}
    assert job.started_at <= job.finished_at


def test_a_turn_is_as_many_steps_as_a_second_has(monkeypatch, woken):
    monkeypatch.setattr(run, "TURN_SECONDS", 60)
    job = enqueue("count")
    run_job(job.pk)
    assert now(job) == (State.DONE, 3)


def test_jobs_take_turns_and_one_worker_has_them_all(woken):
    one, other = make_user("one"), make_user("other")
    jobs = [enqueue("count", user) for user in (one, other)]
    assert woken() == [jobs[0].pk]
    run_job(jobs[0].pk)
    assert woken() == [jobs[1].pk]
    run_job(jobs[1].pk)
    work(woken)
    assert counting.seen[:6] == ["one", "other"] * 3
    assert [now(job) for job in jobs] == [(State.DONE, 3)] * 2


def test_a_job_that_is_unfinished_is_joined(woken):
    user = make_user()
    job = enqueue("count", user)
    run_job(job.pk)
    assert enqueue("count", user) == job
    assert enqueue("count", make_user()) != job
    assert enqueue("count") not in (job, None)
    work(woken)
    assert enqueue("count", user) != job


def test_a_job_that_is_joined_as_it_ends_goes_on(woken):
    job = leases.take(enqueue("count").pk)
    enqueue("count")
    leases.finish(job)
    assert now(job) == (State.QUEUED, 0)
    sweep()
    work(woken)
    assert now(job) == (State.DONE, 3)


def test_what_is_rolled_back_wakes_nobody(woken):
    with transaction.atomic():
        enqueue("count")
        transaction.set_rollback(True)
    assert woken() == []
    assert not Job.objects.exists()


def test_a_wake_up_that_is_lost_is_sent_again(woken):
    job = enqueue("count")
    woken()
    sweep()
    assert woken() == []
    let_time_pass(job)
    sweep()
    assert woken() == [job.pk]


def test_no_other_wake_up_is_sent_while_it_may_wait_in_the_queue(woken):
    job = enqueue("count")
    let_time_pass(job)
    OrmQ.objects.update(lock=timezone.now() - timedelta(hours=2))
    sweep()
    assert woken() == [job.pk]


def test_it_is_lost_where_only_later_ones_wait_in_the_queue(woken):
    job = enqueue("count")
    woken()
    let_time_pass(job)
    async_task("tachi.jobs.tasks.run_job", 0)
    sweep()
    assert woken() == [0, job.pk]


def test_a_task_for_another_cluster_is_no_wake_up_that_still_waits(woken):
    job = enqueue("count")
    long_ago = timezone.now() - timedelta(hours=2)
    OrmQ.objects.update(key="somebody_elses", lock=long_ago)
    let_time_pass(job)
    sweep()
    assert woken() == [job.pk, job.pk]


@pytest.mark.django_db(transaction=True)  # it closes its connection
def test_a_job_outlasts_a_database_that_is_away_for_many_leases(monkeypatch, settings):
    settings.IMPORT_LEASE_SECONDS = 0.01
    monkeypatch.setattr(leases, "RETRY_SECONDS", 0.01)
    job, own, tries = enqueue("count"), leases.own, []

    def away(job):
        tries.append(job)
        if len(tries) < 20:
            raise OperationalError("The database is away.")
        return own(job)

    taken = leases.take(job.pk)
    monkeypatch.setattr(leases, "own", away)
    leases.put_off(taken)
    job.refresh_from_db()
    assert (job.state, job.delays, job.attempts) == (State.QUEUED, 1, 0)


def test_a_ban_ends_the_jobs_of_a_user():
    user = make_user()
    job = enqueue("count", user)
    User.objects.filter(pk=user.pk).update(auth_level=AuthLevel.BANNED)
    run_job(job.pk)
    assert now(job) == (State.CANCELLED, 0)


def test_a_wake_up_that_comes_twice_does_nothing(woken):
    job = enqueue("count")
    taken = leases.take(job.pk)
    run_job(job.pk)
    assert counting.seen == []
    leases.give_back(taken)


def test_the_job_of_a_dead_worker_goes_on_where_it_was(woken):
    job = enqueue("count")
    run_job(job.pk)
    dead = leases.take(job.pk)
    let_time_pass(job)
    sweep()
    assert now(job) == (State.QUEUED, 1)
    assert job.attempts == 1
    with pytest.raises(leases.Superseded), transaction.atomic():
        leases.store(dead, done=9)
    work(woken)
    assert now(job) == (State.DONE, 3)


def test_a_job_whose_workers_die_again_and_again_fails_with_a_reason(woken, settings):
    job = enqueue("count")
    for _ in range(settings.IMPORT_ATTEMPTS):
        assert leases.take(job.pk)
        let_time_pass(job)
        sweep()
    assert now(job) == (State.FAILED, 0)
    assert job.error_text == "Its worker died 3 times at the same place."
    assert job.finished_at


def test_attempts_count_anew_where_a_job_got_on(woken, settings):
    counting.begin(2 * settings.IMPORT_ATTEMPTS)
    job = enqueue("count")
    for _ in range(counting.up_to):
        leases.take(job.pk)
        let_time_pass(job)
        sweep()
        run_job(job.pk)
    assert now(job) == (State.QUEUED, counting.up_to)


@pytest.mark.parametrize("trouble", [counting.BUSY, counting.AWAY])
def test_trouble_delays_more_each_time_and_counts_for_nothing(woken, trouble):
    job = enqueue("count")
    counting.trouble[:] = [trouble] * 8
    delays = []
    for _ in range(8):
        before = timezone.now()
        run_job(job.pk)
        assert now(job) == (State.QUEUED, 0)
        delays.append(round((job.turn_at - before).total_seconds()))
        run_job(job.pk)  # too early
        let_time_pass(job)
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(counting.seen) == 8
    run_job(job.pk)
    assert now(job) == (State.QUEUED, 1)
    assert (job.attempts, job.delays) == (0, 0)


def test_a_job_that_is_put_off_holds_up_no_other(woken):
    one, other = (enqueue("count", make_user()) for _ in range(2))
    counting.trouble[:] = [counting.BUSY]
    run_job(one.pk)
    woken()
    sweep()
    assert woken() == [other.pk]


def test_a_fault_in_a_job_fails_it_with_its_traceback_for_operators(woken):
    job = enqueue("count")
    counting.trouble[:] = [ZeroDivisionError("planted")]
    run_job(job.pk)
    assert now(job) == (State.FAILED, 0)
    assert job.error_text == "An internal error has occurred."
    assert "ZeroDivisionError: planted" in job.error_detail


def test_a_paused_job_waits_until_it_is_resumed(woken):
    job = enqueue("count")
    run_job(job.pk)
    assert control.pause(job) == State.PAUSED
    work(woken)
    sweep()
    assert woken() == []
    assert now(job) == (State.PAUSED, 1)
    assert enqueue("count") == job
    assert control.resume(job) == State.QUEUED
    sweep()
    work(woken)
    assert now(job) == (State.DONE, 3)


@pytest.mark.parametrize(
    ("verb", "at_once", "then"),
    [
        (control.pause, State.PAUSING, State.PAUSED),
        (control.cancel, State.CANCELLING, State.CANCELLED),
    ],
)
@pytest.mark.parametrize("dies", [False, True])
def test_a_step_that_runs_is_done_first(verb, at_once, then, dies):
    job = leases.take(enqueue("count").pk)
    assert verb(job) == at_once
    with transaction.atomic():
        leases.store(job, done=1)
    if dies:
        let_time_pass(job)
        sweep()
    else:
        leases.give_back(job)
    assert now(job) == (then, 1)
    assert bool(job.finished_at) == (then == State.CANCELLED)


def test_a_cancelled_job_is_over(woken):
    job = enqueue("count")
    run_job(job.pk)
    assert control.cancel(job) == State.CANCELLED
    work(woken)
    assert now(job) == (State.CANCELLED, 1)
    for verb in (control.pause, control.resume, control.cancel):
        with pytest.raises(control.NotPossible, match="The job is cancelled"):
            verb(job)
    assert enqueue("count") != job


def test_a_job_that_ended_long_ago_is_purged(woken, settings):
    old, new, unfinished = (enqueue("count", make_user()) for _ in range(3))
    control.cancel(old)
    control.cancel(new)
    long_ago = timezone.now() - timedelta(days=settings.INPUT_DAYS + 1)
    Job.objects.filter(pk=old.pk).update(finished_at=long_ago)
    Job.objects.filter(pk=unfinished.pk).update(created_at=long_ago)
    purge()
    assert list(Job.objects.order_by("pk")) == [new, unfinished]


def test_a_job_in_the_foreground_runs_to_its_end():
    told = []
    job = run.run_to_end(enqueue("count"), lambda job: told.append(job.done))
    assert now(job) == (State.DONE, 3)
    assert told == [0, 1, 2, 3, 3]


def test_in_the_foreground_a_dead_worker_is_not_waited_for():
    job = enqueue("count")
    leases.take(job.pk)
    let_time_pass(job)
    assert now(run.run_to_end(job)) == (State.DONE, 3)
