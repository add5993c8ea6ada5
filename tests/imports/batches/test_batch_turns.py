"""Batches make way: for imports that wait, players who are busy, and each other."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.batches import control, previews, reverting
from imports.batches.documents import batch_document
from imports.batches.draft import draft
from imports.batches.run import preview_to_end, run_to_end
from imports.batches.step import step
from imports.models import Import, RevertBatch, State, Worker
from scores.locks import Busy
from tachi.jobs import leases, turns
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow
from tests.factories import OPERATOR, make_row
from tests.imports.batches.making import (
    asked,
    confirmed,
    drafted,
    let_wait,
    make_player,
    states,
)

pytestmark = pytest.mark.django_db


def take():
    Job.objects.update(turn_at=timezone.now() - timedelta(minutes=1))
    return leases.take(Job.objects.get(kind="revert-batches").pk)


def make_worker():
    Worker.objects.create(name="host:1", last_seen=timezone.now(), processes=2)


def make_wait(seconds):
    since = timezone.now() - timedelta(seconds=seconds)
    return make_row(received_at=since, waiting_since=since)


def test_it_sleeps_while_imports_wait_and_does_one_every_five_seconds(chart):
    _, imports = make_player(chart, 1, 2, 3)
    batch = confirmed(drafted(*imports))
    job = take()
    step(job)
    make_worker()
    waiting = make_wait(3)
    with pytest.raises(NotNow) as told:
        step(job)
    assert 0 < told.value.seconds <= 1
    assert states(batch) == ["reverted", "waiting", "waiting"]
    job.cursor = {"last": time.time() - 5.1}
    step(job)
    assert states(batch) == ["reverted", "reverted", "waiting"]
    with pytest.raises(NotNow):
        step(job)
    Import.objects.filter(pk=waiting.pk).update(state=State.CANCELLED)
    step(job)
    assert states(batch) == ["reverted"] * 3


@pytest.mark.parametrize(("waits", "workers"), [(1, 1), (3, 0)])
def test_it_does_not_sleep_for_one_that_just_came_or_where_there_is_no_worker(
    chart, waits, workers
):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))
    job = take()
    step(job)
    make_wait(waits)
    if workers:
        make_worker()
    step(job)
    assert states(batch) == ["reverted", "reverted"]


def test_a_job_that_makes_way_is_put_off_and_nobody_is_kept_busy(chart):
    _, imports = make_player(chart, 1, 2)
    confirmed(drafted(*imports))
    job = take()
    leases.put_off(job, 0.7)
    job.refresh_from_db()
    assert (job.state, job.delays) == ("queued", 0)
    left = job.turn_at - timezone.now()
    assert timedelta(0) < left <= timedelta(seconds=0.7)


def test_a_player_whose_import_runs_is_come_back_to(chart):
    one, ones = make_player(chart, 1)
    _, others = make_player(chart, 1)
    batch = confirmed(drafted(*ones, *others))
    now = timezone.now()
    running = make_row(one, state=State.RUNNING, lease_until=now + timedelta(hours=1))
    job = take()
    step(job)
    step(job)
    assert states(batch) == ["waiting", "reverted"]
    step(job)  # the other player is looked after
    step(job)
    with pytest.raises(NotNow):
        step(job)
    Import.objects.filter(pk=running.pk).update(state=State.CANCELLED)
    let_wait(batch)
    step(job)
    assert states(batch) == ["reverted", "reverted"]


def test_a_player_who_is_busy_is_come_back_to(chart, monkeypatch):
    _, (one,) = make_player(chart, 1)
    batch = confirmed(drafted(one))

    def busy(*args, **kwargs):
        raise Busy("A planted one.")

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "revert_within", busy)
        job = take()
        step(job)
        leases.give_back(job)
    assert states(batch) == ["waiting"]
    assert batch_document(batch)["failed"] == 0
    assert run_to_end(batch).state == "done"
    assert states(batch) == ["reverted"]


def test_batches_take_turns_player_by_player(chart):
    _, ones = make_player(chart, 1, 2)
    _, twos = make_player(chart, 1)
    _, threes = make_player(chart, 1)
    first = confirmed(drafted(*ones, *twos))
    second = confirmed(drafted(*threes))
    RevertBatch.objects.filter(pk=first.pk).update(
        turn_at=timezone.now() - timedelta(minutes=1)
    )
    job = take()
    done = []
    for _ in range(7):
        step(job)
        done.append((states(first).count("reverted"), states(second)[0]))
    # Two imports of the first player and the look after him, then the other batch.
    assert done[:4] == [(1, "waiting"), (2, "waiting"), (2, "waiting"), (2, "reverted")]
    leases.give_back(job)
    run_to_end(first)
    run_to_end(second)
    assert states(first) == ["reverted"] * 3


def test_a_large_draft_is_previewed_by_a_worker_with_progress(chart, settings):
    settings.PREVIEW_SCORES = 0
    _, ones = make_player(chart, 1)
    _, others = make_player(chart, 1)
    batch = drafted(*ones, *others)
    assert batch.needs_preview
    document = batch_document(batch)
    assert (document["preview"], document["fingerprint"]) == (None, "")
    assert document["progress"]["total"] == 2
    assert document["progress"]["done"] == 0
    job = take()
    step(job)
    assert batch_document(batch)["progress"]["done"] == 1
    assert batch_document(batch)["preview"] is None
    step(job)
    step(job)
    assert step(job) is False
    document = batch_document(batch)
    assert document["preview"]["players"] == 2
    assert document["progress"] is None
    batch.refresh_from_db()
    settings.PREVIEW_SCORES = 1000
    assert drafted(*ones, *others).fingerprint == batch.fingerprint
    leases.give_back(job)
    assert run_to_end(confirmed(batch)).state == "done"


def test_a_command_makes_the_preview_itself(chart, settings):
    settings.PREVIEW_SCORES = 0
    _, (one,) = make_player(chart, 1)
    batch = preview_to_end(drafted(one))
    assert batch.preview["imports"] == 1


def test_a_draft_whose_player_is_busy_is_left_to_a_worker(chart, monkeypatch):
    _, (one,) = make_player(chart, 1)

    def busy(*args, **kwargs):
        raise Busy("A planted one.")

    with monkeypatch.context() as patch:
        patch.setattr(previews, "preview_reverts", busy)
        batch = drafted(one)
    assert batch.needs_preview
    assert preview_to_end(batch).preview["imports"] == 1


def test_a_small_draft_wakes_nobody(chart):
    _, (one,) = make_player(chart, 1)
    drafted(one)
    assert not Job.objects.exists()


def test_a_batch_with_a_fault_pauses_and_the_others_go_on(chart, monkeypatch):
    _, (one,) = make_player(chart, 1)
    _, (two,) = make_player(chart, 1)
    broken, good = confirmed(drafted(one)), confirmed(drafted(two))
    next_player = reverting.next_player

    def fault(turn, *order):
        if turn.batch.pk == broken.pk:
            raise ValueError("planted")
        return next_player(turn, *order)

    monkeypatch.setattr(reverting, "next_player", fault)
    run_to_end(good)
    broken.refresh_from_db()
    assert (broken.state, states(good)) == ("paused", ["reverted"])
    assert "internal error" in broken.why_paused


def test_a_job_that_died_is_begun_anew_by_whoever_watches(chart):
    _, (one,) = make_player(chart, 1)
    batch = confirmed(drafted(one))
    Job.objects.update(state="failed", finished_at=timezone.now())
    assert run_to_end(batch).state == "done"


def test_a_client_key_is_one_draft(chart, user):
    _, (one, two) = make_player(chart, 1, 2)
    by = asked(user)
    first = drafted(one, by=by, client_key="k")
    assert drafted(two, by=by, client_key="k") == first
    assert drafted(one, by=by, client_key="other") != first
    assert draft(by, import_ids=[one.import_id]) != first


def test_a_batch_waits_for_nothing_that_is_paused(chart):
    _, (one,) = make_player(chart, 1)
    batch = confirmed(drafted(one))
    control.pause(batch, OPERATOR)
    job = take()
    assert step(job) is False
    leases.finish(job)
    turns.sweep()
    assert not Job.objects.unfinished().exists()
    control.resume(batch, OPERATOR, wake=False)
    assert Job.objects.unfinished().exists()
    assert OPERATOR.user is None
