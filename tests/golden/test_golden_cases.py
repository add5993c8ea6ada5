"""Recordings of our own, with invented charts: nothing of them may change."""

from copy import deepcopy
from pathlib import Path

import pytest

from tests.golden import recordings
from tests.golden.differences import DIFFERENCES
from tests.golden.recordings import Recording

CASES = recordings.read(Path(__file__).parent / "cases")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_golden_case_is_reproduced(replayed, case):
    run = replayed(case, CASES, is_our_own=True)
    if problems := run.problems():
        pytest.fail("\n".join(problems), pytrace=False)
    assert run.seen == set()
    assert run.absent == {}


def tampered(name, tamper):
    """A case with something in it changed."""
    case = next(case for case in CASES if case.name == name)
    changed = Recording(name, deepcopy(case.content))
    tamper(changed)
    return changed


def a_status(case):
    case.steps[-1]["response"]["status"] = 418


def a_header(case):
    case.steps[0]["response"]["headers"]["x-ratelimit-limit"] = "3"


def an_error(case):
    document = case.steps[0]["response"]["body"]["body"]
    document["errors"][0]["type"] = "InvalidDatapoint"


def a_score(case):
    score = case.states["after import"]["scores"][0]
    score["scoreData"]["enumIndexes"]["grade"] += 1


def a_missing_best(case):
    case.states["after import"]["personal-bests"].pop()


def a_rank(case):
    best = case.states["after import"]["personal-bests"][0]
    best["rankingData"]["rank"] = 2


def a_session(case):
    case.states["after import"]["sessions"][0]["timeEnded"] += 1


def another_order(case):
    case.steps[0]["response"]["body"]["body"]["scoreIDs"].reverse()


@pytest.mark.parametrize(
    "tamper",
    [
        a_status,
        a_header,
        an_error,
        a_score,
        a_missing_best,
        a_rank,
        a_session,
        another_order,
    ],
)
def test_what_is_otherwise_in_a_golden_case_is_found(replayed, tamper):
    case = tampered("undo", tamper)
    run = replayed(case, [case], is_our_own=True)
    assert len(run.problems()) == 1


def test_a_golden_difference_that_is_declared_has_a_reason_of_its_own():
    reasons = [difference.reason for difference in DIFFERENCES]
    assert len(set(reasons)) == len(reasons)
