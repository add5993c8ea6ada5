from types import SimpleNamespace

from scores.apply_each import apply_each
from scores.locks import Busy


def rows(*user_ids):
    return [
        SimpleNamespace(user_id=user_id, number=n) for n, user_id in enumerate(user_ids)
    ]


def numbers(pairs):
    return [(row.number, what) for row, what in pairs]


def double(row):
    return row.number * 2


def test_every_row_is_changed_and_its_result_is_kept():
    outcome = apply_each(rows(1, 1, 2), double)
    assert numbers(outcome.done) == [(0, 0), (1, 2), (2, 4)]
    assert (outcome.refused, outcome.left) == ([], ())


def test_a_row_without_a_result_was_not_changed():
    outcome = apply_each(rows(1, 1), lambda row: row.number or None)
    assert numbers(outcome.done) == [(0, None), (1, 1)]
    assert numbers(outcome.changed) == [(1, 1)]


def test_a_busy_player_is_waited_for_once_and_others_have_their_turn():
    asked = []

    def change(row):
        asked.append(row.number)
        if row.user_id == 1:
            raise Busy("An import is running.")

    outcome = apply_each(rows(1, 2, 1, 1), change)
    assert asked == [0, 1]
    assert numbers(outcome.refused) == [
        (number, "An import is running.") for number in (0, 2, 3)
    ]


def test_a_refusal_gives_its_reason_and_is_not_logged(caplog):
    def change(row):
        raise LookupError("It is too old.")

    outcome = apply_each(rows(1), change, refusals=(LookupError,))
    assert numbers(outcome.refused) == [(0, "It is too old.")]
    assert caplog.text == ""


def test_a_bug_is_logged_and_its_text_is_told_to_nobody_else(caplog):
    outcome = apply_each(rows(1, 2), lambda row: 1 // row.number)
    assert numbers(outcome.done) == [(1, 1)]
    assert numbers(outcome.refused) == [(0, "An internal error; the log has it.")]
    assert "ZeroDivisionError" in caplog.text


def test_no_row_is_begun_when_the_time_is_up(monkeypatch):
    now = iter([0, 10, 16, 17])
    monkeypatch.setattr("scores.apply_each.time.monotonic", lambda: next(now))
    outcome = apply_each(rows(1, 1, 2), double, seconds=15)
    assert numbers(outcome.done) == [(0, 0)]
    assert {why for _, why in outcome.refused} == {
        "There was no time left: do it again."
    }


def test_an_interrupt_leaves_the_row_at_hand_and_those_after_it():
    def change(row):
        if row.number == 1:
            raise KeyboardInterrupt

    outcome = apply_each(rows(1, 1, 2), change)
    assert numbers(outcome.done) == [(0, None)]
    assert [row.number for row in outcome.left] == [1, 2]


def test_a_row_that_was_changed_before_the_interrupt_is_not_left():
    def interrupt():
        raise KeyboardInterrupt

    outcome = apply_each(rows(1, 1), double, advance=interrupt)
    assert numbers(outcome.done) == [(0, 0)]
    assert [row.number for row in outcome.left] == [1]
