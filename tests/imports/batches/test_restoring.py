"""A batch is restored: what it reverted, oldest first, and nothing else."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.batches import control, restoring
from imports.batches.documents import batch_document
from imports.batches.refusals import NotPossible
from imports.batches.run import run_to_end
from imports.batches.step import step
from imports.models import Import, Revert, RevertBatch, State
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import Score, ScoreBlock
from tachi.jobs import leases
from tachi.jobs.models import Job
from tests.commands import call
from tests.factories import HOUR, NOON, OPERATOR, make_import, play
from tests.imports.batches.making import (
    confirmed,
    drafted,
    make_player,
    outcomes,
    ran,
    restored,
    state_of_import,
    states,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=31)


def age(batch, by=MONTH):
    """All that happened of it was so much earlier."""
    for row in Revert.objects.filter(batch=batch):
        Revert.objects.filter(pk=row.pk).update(reverted_at=row.reverted_at - by)
    row = RevertBatch.objects.get(pk=batch.pk)
    moments = {
        name: getattr(row, name) - by
        for name in ("created_at", "confirmed_at", "started_at", "finished_at")
        if getattr(row, name)
    }
    RevertBatch.objects.filter(pk=batch.pk).update(**moments)


def test_it_brings_back_exactly_what_it_reverted(chart):
    one, ones = make_player(chart, 1, 2)
    other, others = make_player(chart, 3)
    before = state_of(one), state_of(other)
    batch = ran(*ones, *others)
    assert (state_of(one), state_of(other)) != before

    batch = restored(batch)

    assert (state_of(one), state_of(other)) == before
    document = batch_document(batch)
    told = {"state": "restored", "restored": 3, "reverted": 0, "verified": 2}
    assert document | told == document
    assert document["restorableUntil"] is None


def test_it_comes_back_oldest_first(chart):
    _, imports = make_player(chart, 1, 2, 3)
    batch = ran(*imports)
    restored(batch)
    reverts = Revert.objects.filter(batch=batch).order_by("restored_at")
    assert [revert.of_import for revert in reverts] == imports


def test_what_its_player_reverted_himself_stays_reverted(chart):
    user, (own, wrong) = make_player(chart, 1, 2)
    revert_import(own, OPERATOR)
    batch = ran(wrong)
    restored(batch)
    assert state_of_import(own) == State.REVERTED
    assert Score.objects.filter(user=user).count() == 1


def test_what_came_back_by_itself_is_left_alone_and_said(chart):
    _, (again, back, normal) = make_player(chart, 1, 2, 3)
    batch = ran(again, back, normal)
    for each in (again, back):
        restore_import(each, OPERATOR)
    revert_import(again, OPERATOR)

    restored(batch)

    told = outcomes(batch)
    assert told[normal.import_id] == ("restored", "")
    for each in (again, back):
        state, why = told[each.import_id]
        assert state == "restored"
        assert why == control.LEFT_ALONE
    assert state_of_import(again) == State.REVERTED
    assert state_of_import(back) == State.COMPLETED


def test_one_that_is_restored_and_reverted_while_the_batch_is_restored(
    chart, monkeypatch
):
    _, (one,) = make_player(chart, 1)
    batch = control.restore(ran(one), OPERATOR)
    Revert.objects.filter(batch=batch).update(batch=None)  # as another revert's
    batch = run_to_end(batch)
    state, why = outcomes(batch)[one.import_id]
    assert (state, why) == ("refused", restoring.ANOTHER)
    assert state_of_import(one) == State.REVERTED
    assert batch.state == "restored"


def test_blocks_that_it_made_are_lifted(chart):
    _, imports = make_player(chart, 1, 2)
    batch = ran(*imports, block=True)
    assert ScoreBlock.objects.count() == 2
    restored(batch)
    assert not ScoreBlock.objects.exists()


def test_an_import_that_came_since_stays(chart):
    user, imports = make_player(chart, 1, 2)
    batch = ran(*imports)
    make_import(user, play(chart, 5, NOON + 99 * HOUR), service="since")
    restored(batch)
    assert Score.objects.filter(user=user).count() == 3


def test_the_export_of_every_player_is_as_before(chart):
    wrong, users = [], []
    for _ in range(2):
        user, imports = make_player(chart, 1, 2, 3)
        make_import(user, play(chart, 2, NOON + 9 * HOUR), play(99_999))
        users.append(user)
        wrong += imports[:2]
    before = [exported(user) for user in users]
    restored(ran(*wrong))
    assert [exported(user) for user in users] == before


def exported(user):
    """All that is exported of a user, but for the batches themselves."""
    found = json.loads(call("export_user", user.username))
    return {name: of for name, of in found.items() if "atch" not in name}


def test_it_is_too_late_a_month_after_its_end_unless_it_is_held(chart):
    _, (one,) = make_player(chart, 1)
    _, (two,) = make_player(chart, 1)
    batch, kept = ran(one, two), ran(make_player(chart, 1)[1][0])
    control.hold(kept)
    age(batch)
    age(kept)
    purge()
    with pytest.raises(NotPossible, match="until"):
        control.restore(batch, OPERATOR)
    restored(kept)
    assert states(kept) == ["restored"]


def test_a_batch_that_was_paused_for_a_month_can_still_be_restored(chart):
    user, imports = make_player(chart, 1, 2)
    before = state_of(user)
    batch = confirmed(drafted(*imports))
    job = leases.take(Job.objects.get(kind="revert-batches").pk)
    step(job)
    control.pause(batch)
    step(job)
    assert step(job) is False
    leases.finish(job)
    age(batch)
    purge()

    batch = run_to_end(control.resume(batch))

    assert states(batch) == ["reverted", "reverted"]
    purge()
    assert batch.finished_at > timezone.now() - timedelta(minutes=1)
    restored(batch)
    assert state_of(user) == before


def test_hold_is_taken_and_let_go(chart):
    _, (one,) = make_player(chart, 1)
    batch = ran(one)
    assert control.hold(batch).held
    assert batch_document(batch)["restorableUntil"] is None
    assert not control.hold(batch).held
    assert control.hold(batch, held=False).held is False


def test_a_fault_leaves_it_reverted_and_it_can_be_restored_again(chart, monkeypatch):
    _, (one, two) = make_player(chart, 1, 2)
    batch = ran(one, two)

    def broken(import_, *args):
        if import_ == one:
            raise ValueError("planted")
        return restore_import(import_, *args)

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "restore_import", broken)
        restored(batch)
    assert states(batch) == ["restored", "reverted"]
    assert outcomes(batch)[one.import_id][1]
    restored(batch)
    assert states(batch) == ["restored", "restored"]
    assert outcomes(batch)[one.import_id] == ("restored", "")


def test_a_restore_is_paused_cancelled_and_asked_for_again(chart):
    _, (one, two) = make_player(chart, 1, 2)
    batch = ran(one, two)
    control.restore(batch, OPERATOR)
    assert control.pause(batch).state == "paused"
    assert control.resume(batch).state == "restoring"
    assert control.cancel(batch).state == "cancelled"
    assert states(batch) == ["reverted", "reverted"]
    assert restored(batch).state == "restored"


def test_nothing_is_restored_twice(chart):
    _, (one,) = make_player(chart, 1)
    batch = restored(ran(one))
    with pytest.raises(NotPossible):
        control.restore(batch, OPERATOR)
    assert Import.objects.get(pk=one.pk).state == State.COMPLETED


def test_what_a_batch_ran_again_is_restored_as_one(chart):
    user, imports = make_player(chart, 1, 2)
    before = state_of(user)
    batch = ran(*imports, run_again={})
    assert batch.kind == "rerun"
    assert states(batch) == ["reverted", "reverted"]
    assert Import.objects.completed().filter(user=user).count() == 2
    assert Score.objects.filter(user=user).count() == 2
    restored(batch)
    assert state_of(user) == before


def test_what_was_sent_is_gone_and_so_it_is_not_run_again(chart):
    _, (one,) = make_player(chart, 1)
    one.input.delete()
    batch = ran(one, run_again={})
    state, why = outcomes(batch)[one.import_id]
    assert state == "refused"
    assert "not kept" in why
    assert state_of_import(one) == State.COMPLETED


def test_a_draft_that_nobody_confirms_is_deleted_after_a_month(chart):
    _, (one, two, three) = make_player(chart, 1, 2, 3)
    old, kept, fresh = drafted(one), ran(two), drafted(three)
    age(old)
    age(kept)
    purge()
    left = set(RevertBatch.objects.values_list("pk", flat=True))
    assert left == {kept.pk, fresh.pk}
