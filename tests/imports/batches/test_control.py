"""Batches are paused, resumed, cancelled and tried again; faults pause them."""

import pytest

from imports.batches import control, reverting
from imports.batches.documents import batch_document
from imports.batches.refusals import Incomplete, NotAllowed, NotPossible
from imports.batches.run import run_to_end
from imports.batches.step import step
from imports.models import Import, RevertBatch, State
from imports.undo.revert import revert_within
from tachi.jobs import leases
from tachi.jobs.models import Job
from tachi.jobs.models import State as JobState
from tachi.jobs.run import run as run_job
from tests.factories import NOON, OPERATOR, make_import, make_user, play
from tests.imports.batches.making import (
    asked,
    confirmed,
    drafted,
    make_player,
    outcomes,
    ran,
    state_of_import,
    states,
)
from tests.rights.people import make_administrator, make_moderator

pytestmark = pytest.mark.django_db


def take():
    return leases.take(Job.objects.get(kind="revert-batches").pk)


def state_of(batch):
    return RevertBatch.objects.get(pk=batch.pk).state


def test_a_batch_that_waits_is_paused_at_once_and_goes_on_when_resumed(chart):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))
    assert control.pause(batch, OPERATOR).state == "paused"
    assert run_to_end(batch).state == "paused"
    assert states(batch) == ["waiting", "waiting"]
    control.resume(batch, OPERATOR)
    assert run_to_end(batch).state == "done"


def test_one_that_runs_is_paused_after_the_import_that_runs(chart):
    _, imports = make_player(chart, 1, 2, 3)
    batch = confirmed(drafted(*imports))
    job = take()
    step(job)
    assert control.pause(batch, OPERATOR).state == "pausing"
    step(job)
    assert state_of(batch) == "paused"
    assert states(batch) == ["reverted", "waiting", "waiting"]
    assert step(job) is False
    assert batch_document(batch)["progress"]["done"] == 1


def test_what_is_paused_meanwhile_is_not_written(chart, monkeypatch):
    """A worker that was thought dead comes back with an import half done."""
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))
    job = take()

    def slowly(import_, *args, **kwargs):
        RevertBatch.objects.update(state="paused")
        return revert_within(import_, *args, **kwargs)

    monkeypatch.setattr(reverting, "revert_within", slowly)
    step(job)
    assert states(batch) == ["waiting", "waiting"]
    assert state_of_import(imports[1]) == State.COMPLETED


def test_a_cancelled_batch_leaves_what_is_done(chart):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))
    job = take()
    step(job)
    assert control.cancel(batch, OPERATOR).state == "cancelling"
    step(job)
    assert state_of(batch) == "cancelled"
    assert states(batch) == ["reverted", "waiting"]
    with pytest.raises(NotPossible, match="cancelled"):
        control.resume(batch, OPERATOR)
    with pytest.raises(NotPossible):
        control.cancel(batch, OPERATOR)


def test_a_draft_is_cancelled_at_once_and_cannot_be_confirmed(chart):
    _, (one,) = make_player(chart, 1)
    batch = drafted(one)
    assert control.cancel(batch, OPERATOR).state == "cancelled"
    with pytest.raises(NotPossible):
        confirmed(batch)


def test_a_fault_fails_an_import_and_is_tried_again_when_asked(chart, monkeypatch):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))

    def broken(import_, *args, **kwargs):
        if import_ == imports[0]:
            raise ValueError("planted")
        return revert_within(import_, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "revert_within", broken)
        run_to_end(batch)
    assert states(batch) == ["reverted", "failed"]
    document = batch_document(batch)
    assert (document["failed"], document["done"]) == (1, 2)
    assert "planted" not in outcomes(batch)[imports[0].import_id][1]

    run_to_end(control.retry_failed(batch, OPERATOR))
    assert states(batch) == ["reverted", "reverted"]
    with pytest.raises(NotPossible):
        control.retry_failed(batch, OPERATOR)


def test_ten_failures_in_a_row_pause_it_with_the_reason(chart, monkeypatch):
    _, imports = make_player(chart, *range(1, 13))
    batch = confirmed(drafted(*imports))

    def broken(*args, **kwargs):
        raise ValueError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "revert_within", broken)
        run_to_end(batch)
    assert state_of(batch) == "paused"
    assert states(batch).count("failed") == 10
    assert "10 imports failed in a row" in batch_document(batch)["whyPaused"]
    run_to_end(control.retry_failed(batch, OPERATOR))
    assert set(states(batch)) == {"reverted"}
    assert batch_document(batch)["whyPaused"] == ""


def test_an_import_that_kills_its_workers_fails_and_the_others_go_on(chart):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))
    Job.objects.update(attempts=2)
    step(take())
    Job.objects.update(state=JobState.QUEUED)
    run_to_end(batch)
    assert states(batch) == ["failed", "reverted"]


def test_an_interrupted_command_pauses_its_batch(chart, monkeypatch):
    _, imports = make_player(chart, 1, 2)
    batch = confirmed(drafted(*imports))

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(reverting, "revert_within", interrupted)
        run_to_end(batch)
    assert state_of(batch) == "paused"
    run_to_end(control.resume(batch, OPERATOR))
    assert states(batch) == ["reverted", "reverted"]


def test_a_worker_and_a_command_never_have_the_same_batch(chart):
    _, imports = make_player(chart, 1, 2)
    confirmed(drafted(*imports))
    job = take()
    assert take() is None
    run_job(job, wake=False)


def test_a_large_batch_needs_a_reason_and_the_number_of_its_imports(chart, settings):
    settings.BATCH_LARGE_SCORES = 1
    admin = make_administrator()
    _, imports = make_player(chart, 1, 2)
    batch = drafted(*imports, by=asked(admin, ""))
    with pytest.raises(Incomplete, match="reason"):
        control.confirm(batch, asked(admin, ""), batch.fingerprint, 2)
    with pytest.raises(Incomplete, match="number"):
        control.confirm(batch, asked(admin, "why"), batch.fingerprint)
    control.confirm(batch, asked(admin, "why"), batch.fingerprint, 2)
    assert run_to_end(batch).reason == "why"


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"auth_level": 2}])
def test_imports_of_staff_need_an_administrator(chart, flags):
    theirs = make_import(make_user("umpire", **flags), play(chart, 1, NOON))
    moderator, admin = make_moderator(), make_administrator()
    with pytest.raises(NotAllowed, match="umpire"):
        drafted(theirs, by=asked(moderator))
    assert not RevertBatch.objects.exists()
    batch = drafted(theirs, by=asked(admin))
    with pytest.raises(NotAllowed):
        confirmed(batch, asked(moderator))
    run_to_end(confirmed(batch, asked(admin)))
    with pytest.raises(NotAllowed):
        control.restore(batch, asked(moderator))
    assert states(batch) == ["reverted"]


def test_somebody_who_may_is_on_record_with_each_revert(chart):
    one, two = make_moderator(), make_moderator()
    _, (import_,) = make_player(chart, 1)
    batch = drafted(import_, by=asked(one))
    run_to_end(control.confirm(batch, asked(two, ""), batch.fingerprint))
    revert = Import.objects.get(pk=import_.pk).reverts.get()
    assert (revert.reverted_by, revert.origin, revert.reason) == (two, "api", "a test")
    assert batch_document(batch)["createdBy"] == one.pk


def test_what_is_done_cannot_be_paused(chart):
    _, (one,) = make_player(chart, 1)
    with pytest.raises(NotPossible, match="done"):
        control.pause(ran(one), OPERATOR)
