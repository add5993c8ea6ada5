"""A batch runs: player by player, newest import first, each with its outcome."""

import pytest

from imports.batches import control
from imports.batches.documents import batch_document
from imports.batches.refusals import NotPossible, Stale
from imports.batches.run import run_to_end
from imports.delete_user import delete_user
from imports.models import Import, Revert, State
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Score
from tests.factories import HOUR, NOON, OPERATOR, make_import, make_user, play
from tests.imports.batches.making import (
    confirmed,
    drafted,
    make_player,
    outcomes,
    ran,
    state_of_import,
    states,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db


def test_a_batch_leaves_no_trace_of_its_imports(chart):
    user, _ = make_player(chart, 9_000_000, service="right")
    other, _ = make_player(chart, service="right")
    before = state_of(user), state_of(other)
    wrong = [
        make_import(each, play(chart, 9_500_000 + n, NOON + n * HOUR), service=f"w{n}")
        for n in (30, 31)
        for each in (user, other)
    ]

    batch = ran(*wrong)

    assert (state_of(user), state_of(other)) == before
    document = batch_document(batch)
    told = {"imports": 4, "done": 4, "reverted": 4, "scores": 4, "players": 2}
    assert document | told == document
    assert (document["state"], document["verified"]) == ("done", 2)
    assert document["etaSeconds"] is None
    assert check_user(user.pk) == check_user(other.pk) == []


def test_players_come_one_by_one_and_of_each_the_newest_first(chart):
    _, ones = make_player(chart, 1, 2, 3)
    _, others = make_player(chart, 1, 2)
    batch = ran(others[0], ones[1], others[1], ones[0], ones[2])
    in_order = [*reversed(ones), *reversed(others)]
    assert list(outcomes(batch)) == [each.import_id for each in in_order]
    reverts = Revert.objects.filter(batch=batch).order_by("pk")
    assert [each.of_import for each in reverts] == in_order
    assert {each.reason for each in reverts} == {"a test"}


def test_a_preview_tells_what_comes_of_it_and_changes_nothing(chart):
    user, (first, second) = make_player(chart, 9_000_000, 9_100_000)
    before = state_of(user)
    batch = drafted(first, second)
    assert state_of(user) == before
    preview = batch.preview
    assert (preview["imports"], preview["players"]) == (2, 1)
    assert preview["scores"]["removed"] == 2
    assert preview["fingerprint"] == batch.fingerprint
    run_to_end(confirmed(batch))
    assert batch_document(batch)["scores"] == 2
    assert not Score.objects.filter(user=user).exists()


def test_what_two_of_the_selected_sent_both_is_gone_and_not_kept(chart):
    user = make_user()
    both = [make_import(user, play(chart, 9_000_000, NOON)) for _ in range(2)]
    batch = drafted(*both)
    scores = batch.preview["scores"]
    assert (scores["removed"], scores["kept"]) == (1, 0)
    run_to_end(confirmed(batch))
    assert not Score.objects.filter(user=user).exists()


def test_another_fingerprint_or_number_is_refused_with_what_holds_now(chart):
    _, (import_,) = make_player(chart, 9_000_000)
    batch = drafted(import_)
    with pytest.raises(Stale):
        control.confirm(batch, OPERATOR, "0" * 64)
    with pytest.raises(Stale):
        control.confirm(batch, OPERATOR, batch.fingerprint, 2)
    assert state_of_import(import_) == State.COMPLETED
    control.confirm(batch, OPERATOR, batch.fingerprint, 1)
    with pytest.raises(NotPossible):
        control.confirm(batch, OPERATOR, batch.fingerprint, 1)


def test_an_import_that_comes_after_the_preview_does_not_belong_to_it(chart):
    user, (wrong,) = make_player(chart, 9_000_000)
    batch = drafted(wrong)
    late = make_import(user, play(chart, 9_900_000, NOON + 99 * HOUR), service="late")
    run_to_end(confirmed(batch))
    assert state_of_import(late) == State.COMPLETED


def test_a_player_to_whom_something_else_would_happen_is_set_aside_and_shown_anew(
    chart,
):
    user, (wrong,) = make_player(chart, 9_000_000)
    _, (also,) = make_player(chart, 9_000_000)
    batch = drafted(wrong, also)
    shown = batch.fingerprint
    make_import(user, play(chart, 9_000_000, NOON), service="sent it, too")

    run_to_end(confirmed(batch))

    assert states(batch) == ["waiting", "reverted"]
    document = batch_document(batch)
    assert (document["state"], document["aside"], document["toConfirm"]) == (
        "done",
        1,
        1,
    )
    assert document["fingerprint"] not in ("", shown)
    assert document["preview"]["scores"]["kept"] == 1
    assert state_of_import(wrong) == State.COMPLETED
    with pytest.raises(Stale):
        control.confirm(batch, OPERATOR, shown)

    run_to_end(control.confirm(batch, OPERATOR, document["fingerprint"], 1))

    document = batch_document(batch)
    assert (document["state"], document["aside"], document["verified"]) == (
        "done",
        0,
        2,
    )
    assert states(batch) == ["reverted", "reverted"]
    assert document["kept"] == 1


def test_a_change_that_changes_nothing_of_it_sets_nobody_aside(chart):
    user, (wrong,) = make_player(chart, 9_000_000)
    batch = drafted(wrong)
    make_import(user, play(99_999), service="an orphan")
    batch = run_to_end(confirmed(batch))
    assert states(batch) == ["reverted"]


def test_without_a_preview_nothing_is_compared(chart):
    user, (wrong,) = make_player(chart, 9_000_000)
    batch = drafted(wrong, preview=False)
    assert batch.preview is None
    make_import(user, play(chart, 9_000_000, NOON), service="sent it, too")
    run_to_end(control.confirm(batch, OPERATOR, None))
    assert states(batch) == ["reverted"]


def test_what_is_gone_already_is_told_and_no_failure(chart):
    user, (one,) = make_player(chart, 9_000_000)
    two = make_import(user, play(99_999))
    batch = drafted(one, two, preview=False)
    revert_import(one, OPERATOR)
    Import.objects.filter(pk=two.pk).delete()
    run_to_end(control.confirm(batch, OPERATOR, None))
    assert set(outcomes(batch).values()) == {
        ("gone", "It was reverted before."),
        ("gone", "It was deleted."),
    }


def test_an_import_that_is_not_completed_is_refused(chart):
    _, (one,) = make_player(chart, 9_000_000)
    batch = drafted(one, preview=False)
    Import.objects.filter(pk=one.pk).update(state=State.FAILED)
    run_to_end(control.confirm(batch, OPERATOR, None))
    assert outcomes(batch)[one.import_id][0] == "refused"


def test_a_deleted_player_is_no_obstacle(chart):
    user, (one,) = make_player(chart, 9_000_000)
    _, (two,) = make_player(chart, 9_000_000)
    batch = confirmed(drafted(one, two))
    delete_user(user)
    run_to_end(batch)
    assert states(batch) == ["gone", "reverted"]


def test_running_it_twice_is_harmless(chart):
    _, (one,) = make_player(chart, 9_000_000)
    batch = confirmed(drafted(one))
    run_to_end(batch)
    before = outcomes(batch)
    run_to_end(batch)
    assert outcomes(batch) == before
    assert Revert.objects.count() == 1


def test_two_batches_that_overlap_say_so_and_revert_each_import_once(chart):
    _, (one, two) = make_player(chart, 9_000_000, 9_100_000)
    first = drafted(one, two)
    assert batch_document(first)["overlaps"] == []
    second = drafted(two)
    assert batch_document(second)["overlaps"] == [first.batch_id]
    assert batch_document(first)["overlaps"] == [second.batch_id]
    confirmed(first)
    confirmed(second)
    run_to_end(first)
    run_to_end(second)
    assert states(first) == ["reverted", "reverted"]
    assert states(second) == ["gone"]
    assert Revert.objects.count() == 2
    assert batch_document(first)["overlaps"] == []


def test_blocked_scores_stay_away_until_the_batch_is_restored(chart):
    user, (one,) = make_player(chart, 9_000_000)
    ran(one, block=True)
    make_import(user, play(chart, 9_000_000, NOON), service="again")
    assert not Score.objects.filter(user=user).exists()
    restore_import(one, OPERATOR)
    assert Score.objects.filter(user=user).exists()
