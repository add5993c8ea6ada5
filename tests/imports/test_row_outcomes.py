"""How the rows of an import are stored, and what is said of them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.claims import Claimed, Held
from imports.models import Import, ImportRows
from imports.progress import silent
from imports.read import read
from imports.rows.outcomes import counts_of, rows_of
from imports.rows.packed import PART, Packed, Row, pack
from imports.rows.sentence import sentence
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)

texts = st.none() | st.text(max_size=20)
names = st.lists(st.sampled_from(["timeAchieved", "comment"]), max_size=2)
said = st.builds(
    dict,
    outcome=st.sampled_from(["imported", "held", "orphaned", "rejected", "blocked"]),
    line=st.none() | st.integers(1, 9),
    type=texts,
    message=texts,
    differs=names,
    filled=names,
    repeats=st.none() | st.integers(0, 9),
    input=st.none() | st.dictionaries(texts.filter(bool), st.integers(), max_size=2),
)


@given(st.lists(said, max_size=4), st.integers(0, 2 * PART))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_packed_is_read_again(rows, more):
    rows = [*rows, *[{"outcome": "held", "input": n} for n in range(more)]]
    rows = [Row(at, **each) for at, each in enumerate(rows)]
    packed = Packed(pack(rows))
    found = list(packed.rows(packed.positions()))
    assert [_plain(each) for each in found] == [_plain(each) for each in rows]
    held = [row.position for row in rows if row.outcome == "held"]
    assert list(packed.positions("held")) == held
    assert list(packed.positions("held", 2)) == [at for at in held if at > 2]


def _plain(row):
    """Names in a list or in a tuple; an integer beyond 64 bits is a float."""
    sent = row.input
    if isinstance(sent, dict):
        sent = {key: float(value) for key, value in sent.items()}
    return row._replace(differs=list(row.differs), filled=list(row.filled), input=sent)


def test_an_entry_of_lists_in_lists_is_left_out_and_its_neighbours_are_not():
    deep = []
    for _ in range(2_000):
        deep = [deep]
    rows = [Row(0, "rejected", input=deep), Row(1, "imported", input={"score": 1})]
    packed = Packed(pack(rows))
    assert [row.input for row in packed.rows([0, 1])] == [None, {"score": 1}]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (
            {
                "imported": 29,
                "held": 60,
                "differing": 3,
                "otherTime": 3,
                "orphaned": 1,
                "rejected": 2,
                "blocked": 0,
                "total": 92,
            },
            "29 imported, 60 already held (3 with another time), 1 orphaned,"
            " 2 rejected.",
        ),
        (
            {"held": 9, "differing": 3, "otherTime": 1, "filled": 4, "blocked": 2},
            "0 imported, 9 already held (1 with another time, 2 that differ,"
            " 4 filled in), 2 blocked.",
        ),
        ({}, "0 imported."),
    ],
)
def test_the_sentence_tells_what_there_is(counts, told):
    assert sentence(counts) == told


@pytest.mark.django_db
def test_rows_that_say_something_else_say_what():
    user, chart = make_user(), make_chart()
    make_import(user, play(chart, 9_000_000, NOON), play(chart, 9_100_000, NOON))
    plays = [
        play(chart, 9_000_000, NOON + HOUR),
        play(chart, 9_100_000, NOON, comment="another"),
    ]
    import_ = send(user, document(*plays))
    claimed = Claimed(
        held={
            0: Held(("timeAchieved", "comment"), known_time=NOON),
            1: Held(differs=("comment",), filled=("scoreData.optional.gauge",)),
        }
    )
    rows = rows_of(import_, read(import_, silent), claimed, [], {})
    timed, commented = rows
    assert "2023-11-14 22:13:20 UTC" in timed.message
    assert "2023-11-14 23:13:20 UTC" in timed.message
    assert "reverts the earlier import" in timed.message
    assert "another comment" in commented.message
    counts = counts_of(rows)
    assert (counts["held"], counts["differing"], counts["filled"]) == (2, 2, 1)
    assert (counts["total"], counts["otherTime"]) == (2, 1)


@pytest.mark.django_db
def test_a_row_that_nobody_accounts_for_fails_the_import():
    """It is a bug, and better seen than counted as something that it is not."""
    user = make_user()
    import_ = send(user, document(play(make_chart())))
    with pytest.raises(KeyError):
        rows_of(import_, read(import_, silent), Claimed(), [], {})
    assert not ImportRows.objects.filter(of_import__in=Import.objects.all()).exists()
