"""Rows in groups: every row is in one, and there are never many."""

import pytest

from imports.rows.grouped import EXAMPLES, MOST_GROUPS, PLACES, grouped
from imports.rows.listing import every
from imports.rows.packed import Row
from tests.factories import NOON, make_chart, make_import, play


def rejected(position, message="Too low.", **more):
    return Row(position, "rejected", type="InvalidDatapoint", message=message, **more)


def test_what_is_imported_is_in_no_group():
    assert grouped([Row(0, "imported"), Row(1, "imported")]) == []


def test_rows_of_one_message_are_one_group_with_their_places():
    (group,) = grouped([Row(0, "imported"), *(rejected(at) for at in (1, 2, 3, 7))])

    assert (group.outcome, group.type) == ("rejected", "InvalidDatapoint")
    assert (group.count, group.places, group.unlisted) == (4, [2, 3, 4, 8], 0)
    assert group.text == "Too low."
    assert group.where == "rows 2–4, 8"


def test_lines_are_named_where_it_came_in_lines():
    (group,) = grouped([rejected(0, line=4)])
    assert group.where == "line 4"


def test_thousands_of_rows_in_three_groups_are_three_lines():
    ways = ("Too low.", "No lamp.", "No time.")
    rows = [rejected(at, ways[at // 3_000 if at < 6_000 else 2]) for at in range(9_999)]

    groups = grouped(rows)

    assert [(each.text, each.count) for each in groups] == [
        ("No time.", 3_999),
        ("Too low.", 3_000),
        ("No lamp.", 3_000),
    ]
    assert [each.where for each in groups] == [
        "rows 6,001–9,999",
        "rows 1–3,000",
        "rows 3,001–6,000",
    ]
    assert len(groups[0].places) == PLACES
    assert groups[0].unlisted == 3_999 - PLACES


def test_scattered_rows_are_named_up_to_a_point():
    (group,) = grouped([rejected(2 * at) for at in range(20)])
    assert group.where == ("rows 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 8 more")


def test_what_matters_most_comes_first():
    rows = [
        *(Row(at, "held") for at in range(5)),
        Row(5, "blocked"),
        Row(6, "orphaned", type="SongOrChartNotFound", message="No such song."),
        rejected(7),
    ]
    told = [(group.outcome, group.text) for group in grouped(rows)]
    assert told == [
        ("rejected", "Too low."),
        ("orphaned", "No such song."),
        (
            "blocked",
            "Its player has blocked this score, and does not want to see it again.",
        ),
        ("held", "This score is known already."),
    ]


def test_a_row_that_repeats_another_says_so():
    rows = [Row(1, "held", repeats=0), Row(2, "held")]
    assert {group.text for group in grouped(rows)} == {
        "It says the same as an earlier row of this import.",
        "This score is known already.",
    }


def test_where_every_message_differs_they_are_grouped_by_type():
    rows = [rejected(at, f"{at} is too low.") for at in range(10_000)]

    (group,) = grouped(rows)

    assert (group.count, group.messages, group.message) == (10_000, 10_000, None)
    assert group.text == "10,000 different messages."
    assert group.where == "rows 1–10,000"
    assert len(group.examples) == EXAMPLES
    assert group.examples[1] == (2, "1 is too low.")


def test_frequent_messages_keep_a_group_of_their_own():
    rows = [
        rejected(at, "No lamp." if at % 2 else f"{at} is too low.")
        for at in range(1_000)
    ]

    groups = grouped(rows)

    assert [(each.text, each.count) for each in groups] == [
        ("No lamp.", 500),
        ("500 different messages.", 500),
    ]


@pytest.mark.parametrize("repeats", [1, 2])
def test_there_are_never_many_groups_and_every_row_is_in_one(repeats):
    kinds = [
        *(("rejected", name) for name in ("InvalidDatapoint", "AmbiguousTitle", "No")),
        ("orphaned", "SongOrChartNotFound"),
        ("orphaned", "OrphanExists"),
        ("held", None),
    ]
    rows = []
    for number in range(100):
        for outcome, type_ in kinds:
            for _ in range(repeats):
                rows.append(
                    Row(len(rows), outcome, type=type_, message=f"Because {number}.")
                )

    groups = grouped(rows)

    assert len(groups) <= MOST_GROUPS
    assert sum(group.count for group in groups) == len(rows)
    places = [place for group in groups for place in group.all_places]
    assert sorted(places) == list(range(1, len(rows) + 1))


@pytest.mark.django_db
def test_the_rows_of_an_import_are_grouped(user):
    chart = make_chart()
    make_import(user, play(chart, time=NOON))
    import_ = make_import(
        user,
        play(chart, time=NOON),
        play(chart, time=NOON),
        play(make_chart(), time=NOON),
        play(make_chart(), time=2 * NOON),
        play(99_999),
    )

    told = {(group.outcome, group.where) for group in grouped(every(import_))}

    assert told == {
        ("rejected", "row 4"),
        ("orphaned", "row 5"),
        ("held", "row 1"),
        ("held", "row 2"),
    }
