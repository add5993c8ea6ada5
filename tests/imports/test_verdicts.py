"""What is said of an import, by how it ended and who holds what it sent."""

import pytest

from imports.models import Import, State
from imports.undo.revert import revert_import
from imports.verdicts import first_line, holders_of, verdict
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db


def plays(count=3):
    return [play(make_chart(), time=NOON + each * HOUR) for each in range(count)]


def said(import_):
    found = verdict(Import.objects.get(pk=import_.pk))
    assert found.before + (found.holder.name if found.holder else "") + found.after == (
        found.text
    )
    return found.state, found.text


def test_what_is_new_is_said_so(user):
    assert said(make_import(user, *plays())) == ("completed", "All 3 scores are new.")
    one = make_import(user, play(make_chart()))
    assert said(one) == ("completed", "The one score is new.")


def test_of_known_scores_the_import_is_named_that_holds_them(user):
    sent = plays()
    first, again = make_import(user, *sent), make_import(user, *sent)

    told = verdict(again)

    name = f"{first.import_id[:12]}…"
    text = f"Nothing new: all 3 scores are held by import {name}."
    assert said(again) == ("nothing new", text)
    assert (told.holder.pk, told.holder.scores) == (first.pk, 3)
    assert (told.before, told.after) == (text[: -len(name) - 1], ".")


def test_of_several_holders_who_holds_most_comes_first(user):
    sent = plays()
    one, two = make_import(user, sent[0]), make_import(user, *sent[1:])

    again = make_import(user, *sent)

    text = "Nothing new: all 3 scores are held by 2 other imports."
    assert said(again) == ("nothing new", text)
    assert verdict(again).holder is None
    found = [(each.pk, each.scores) for each in holders_of(again)]
    assert found == [(two.pk, 2), (one.pk, 1)]


def test_scores_that_were_handed_over_since_are_its_own(user):
    sent = plays()
    first, again = make_import(user, *sent), make_import(user, *sent)
    revert_import(first, OPERATOR)

    state, text = said(again)

    assert state == "nothing new"
    assert text.endswith("what held its scores was reverted: 3 are its own by now.")
    assert verdict(again).holders == ()


def test_scores_that_are_gone_are_held_by_nobody(user):
    sent = plays()
    first, again = make_import(user, *sent), make_import(user, *sent)
    Import.objects.filter(pk=again.pk).update(later_claims={})
    assert first.scores.count() == 3

    assert said(again) == (
        "nothing new",
        "Nothing new: what was sent was known, and is gone since.",
    )


def test_rows_that_ended_in_several_ways_are_counted(user):
    sent = plays()
    first = make_import(user, *sent)
    wrong = play(make_chart(), time=2 * NOON)

    mixed = make_import(user, *sent, *plays(1), play(99_999), wrong)
    known = make_import(user, *sent, wrong)
    none = make_import(user, wrong, play(99_998))

    told = "1 imported, 3 already held, 1 orphaned, 1 rejected."
    assert said(mixed) == ("completed", told)
    assert said(known) == ("nothing new", "Nothing new: 3 already held, 1 rejected.")
    assert [each.pk for each in verdict(known).holders] == [first.pk]
    assert said(none) == ("rejected", "Nothing imported: 1 orphaned, 1 rejected.")


def test_rows_that_all_ended_alike_are_told_as_one(user):
    wrong = [play(make_chart(), time=2 * NOON) for _ in range(2)]
    assert said(make_import(user, *wrong)) == (
        "rejected",
        "Nothing imported: all 2 rows are rejected.",
    )
    assert said(make_import(user, play(99_999))) == (
        "orphaned",
        "Nothing imported: the one row is of songs or charts that are not known (yet).",
    )


def test_without_a_score_it_may_have_brought_a_class(user):
    assert said(make_import(user))[0] == "nothing"
    assert said(make_import(user, classes={"dan": "DAN_5"})) == (
        "completed",
        "No score, but a class: 5th Dan (dan).",
    )


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State.FAILED, "It failed."),
        (State.CANCELLED, "Cancelled: nothing of it was stored."),
        (State.QUEUED, "Queued."),
        (State.RUNNING, "Importing."),
    ],
)
def test_an_import_without_rows_says_how_it_stands(state, text):
    assert said(make_row(state=state)) == (state, text)


def test_why_it_failed_is_told_and_in_a_list_its_first_line():
    import_ = make_row(state=State.FAILED, error_text="\nIt is no JSON.\nLine 5.")
    assert said(import_) == (State.FAILED, "\nIt is no JSON.\nLine 5.")
    assert first_line(import_) == "It is no JSON."
    assert first_line(make_row()) == ""


def test_a_reverted_one_says_what_it_had_brought(user):
    import_ = make_import(user, *plays(), play(99_999))
    revert_import(import_, OPERATOR)
    told = "Reverted. It had brought: 3 imported, 1 orphaned."
    assert said(import_) == (State.REVERTED, told)


@pytest.mark.parametrize("count", [1, 60])
def test_it_costs_the_same_for_any_number_of_scores(
    count, django_assert_max_num_queries
):
    user, sent = make_user(), plays(count)
    make_import(user, *sent)
    again = Import.objects.get(pk=make_import(user, *sent).pk)

    with django_assert_max_num_queries(3):
        verdict(again)
