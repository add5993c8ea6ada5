"""The pure fold of claims, against a model that takes one thing after the other."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.composition import Composition, Held, compare, says_more


def maybe(*values):
    return st.sampled_from([None, None, *values])


def sections(**values):
    return st.fixed_dictionaries({}, optional=values)


reports = st.fixed_dictionaries(
    {
        "position": st.integers(0, 9),
        "time_added": st.integers(0, 99),
        "service": st.sampled_from(["one", "two"]),
        "import_type": st.just("file/batch-manual"),
        "time_achieved": maybe(0, 5, 7),
        "comment": maybe("", "well played", "badly"),
        "judgements": sections(critical=maybe(0, 900), near=maybe(3)),
        "optional": sections(
            fast=maybe(0, 1, 2), gauge=maybe(50.5), graph=maybe([], [1, None])
        ).map(lambda given: {**given, "enumIndexes": {}}),
        "score_meta": sections(random=maybe("MIRROR"), hiSpeed=maybe(3, 3.5)),
    }
)
histories = st.lists(reports, min_size=1, max_size=6)


def folded(claims):
    first, *others = deepcopy(claims)
    composition = Composition(first)
    held = [composition.add(claim, n) for n, claim in enumerate(others, 2)]
    return composition, held


def things(report):
    """Every single thing that is said, by its name in the document."""
    said = {
        "timeAchieved": report["time_achieved"],
        "comment": report["comment"] or None,
    }
    said |= {f"scoreMeta.{key}": it for key, it in report["score_meta"].items()}
    for key, it in report["optional"].items():
        if key != "enumIndexes":
            said[f"scoreData.optional.{key}"] = it
    counts = {key: it for key, it in report["judgements"].items() if it is not None}
    said["scoreData.judgements"] = counts or None
    return {name: it for name, it in said.items() if it is not None}


@given(histories)
def test_the_first_that_is_not_missing_is_said(claims):
    said, expected_held = things(claims[0]), []
    for claim in claims[1:]:
        new = things(claim)
        differs = {name for name in new if name in said and new[name] != said[name]}
        filled = set() if "timeAchieved" in differs else new.keys() - said.keys()
        said |= {name: new[name] for name in filled}
        expected_held.append((differs, filled))
    composition, held = folded(claims)
    assert things(composition.report) == said
    assert [(set(each.differs), set(each.filled)) for each in held] == expected_held


@given(histories)
def test_the_owners_word_is_kept_apart_exactly(claims):
    composition, held = folded(claims)
    apart = composition.kept_apart(claims[0])
    assert {**composition.report, **(apart or {})} == claims[0]
    assert (apart is None) == (not any(each.filled for each in held))


@given(histories)
def test_a_late_time_is_of_the_claim_that_gave_it(claims):
    composition, held = folded(claims)
    if (sequence := composition.timed_by) is None:
        assert composition.report["time_achieved"] == claims[0]["time_achieved"]
    else:
        giver = claims[sequence - 1]
        assert "timeAchieved" in held[sequence - 2].filled
        assert composition.report["time_achieved"] == giver["time_achieved"]
        assert composition.timed_at == giver["time_added"]


@given(histories, st.integers(0, 5))
def test_who_says_again_what_was_said_fills_nothing(claims, number):
    """So claims that say what an earlier one said need not be looked at."""
    again = claims[number % len(claims)]
    one, _ = folded(claims)
    other, held = folded([*claims, again])
    assert one == other
    assert held == [] or held[-1].filled == ()


@given(histories)
def test_who_says_no_more_than_the_owner_is_compared_with_that_alone(claims):
    _, held = folded(claims)
    for claim, each in zip(claims[1:], held, strict=True):
        if not says_more(claims[0], claim):
            assert each == compare(claims[0], claim)
        if not compare(claims[0], claim).filled:
            assert not each.filled


@given(histories)
def test_no_claim_is_changed(claims):
    before = deepcopy(claims)
    composition = Composition(claims[0])
    for n, claim in enumerate(claims[1:]):
        composition.add(claim, n)
    assert claims == before
    assert list(composition.report["optional"])[-1] == "enumIndexes"


SAID = {
    "position": 0,
    "time_added": 1,
    "time_achieved": None,
    "comment": None,
    "judgements": {},
    "optional": {"enumIndexes": {}},
    "score_meta": {},
}


@pytest.mark.parametrize(
    ("said", "claimed", "held"),
    [
        ({}, {"time_achieved": 0}, Held((), ("timeAchieved",))),
        ({}, {"comment": ""}, Held()),
        ({"comment": ""}, {"comment": "well"}, Held((), ("comment",))),
        ({}, {"judgements": {"miss": None}}, Held()),
        ({"judgements": {"a": 1}}, {"judgements": {"a": 1, "b": None}}, Held()),
        (
            {"judgements": {"a": 1}},
            {"judgements": {"a": 1, "b": 0}},
            Held(("scoreData.judgements",)),
        ),
        ({"optional": {"bp": 1}}, {"optional": {"bp": 1.0}}, Held()),
        (
            {"optional": {"bp": 0}},
            {"optional": {"bp": 1, "fast": 2}},
            Held(("scoreData.optional.bp",), ("scoreData.optional.fast",)),
        ),
        ({"score_meta": {"mirror": False}}, {"score_meta": {"mirror": None}}, Held()),
        (
            {"time_achieved": 5, "comment": "one"},
            {"time_achieved": 6, "comment": "two", "score_meta": {"random": "R"}},
            Held(("timeAchieved", "comment"), known_time=5),
        ),
    ],
)
def test_what_differs_and_what_is_filled(said, claimed, held):
    assert compare({**SAID, **said}, {**SAID, **claimed}) == held
