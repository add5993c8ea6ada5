import json
import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from scores.games import GAMES, UnknownGame, get_game
from scores.rules.completion import Completed, Rejected
from scores.rules.problems import Impossible

DOCUMENTS = [
    json.loads(path.read_text())
    for path in sorted(Path(__file__).parent.glob("cases/*.json"))
]
PLAYTYPES = [(gpt, document) for document in DOCUMENTS for gpt in document["gpts"]]
each_playtype = pytest.mark.parametrize(
    ("gpt", "document"), PLAYTYPES, ids=[gpt for gpt, _ in PLAYTYPES]
)


def single_cases(kind):
    cases = [
        (gpt, document["chart"], case)
        for gpt, document in PLAYTYPES
        for case in document[kind]
        if case.get("gpt", gpt) == gpt
    ]
    names = [f"{gpt} {case['name']}" for gpt, _, case in cases]
    return pytest.mark.parametrize(("gpt", "chart", "case"), cases, ids=names)


def make_chart(chart, **changes):
    return SimpleNamespace(is_primary=True, **{**chart, **changes})


def complete(gpt, chart, case):
    chart = make_chart(chart, **case.get("chart", {}))
    [outcome] = GAMES[gpt].complete([(case["score"], chart)])
    return outcome


def steps(lowest):
    names = list(lowest)
    for before, name in zip([None, *names], names, strict=False):
        yield before, name, lowest[name]


def test_every_game_has_cases():
    assert sorted(GAMES) == sorted(gpt for gpt, _ in PLAYTYPES)


def test_an_unknown_game_is_named():
    with pytest.raises(UnknownGame, match="'sdvx:Double'"):
        get_game("sdvx:Double")


@each_playtype
def test_a_grade_begins_at_its_lowest_value(gpt, document):
    game, grades = GAMES[gpt], document["grades"]
    chart, step = make_chart(document["chart"]), grades.get("step", 1)

    def grade(value):
        score_data = {**grades["with"], grades["metric"]: value, "optional": {}}
        return game.derive(score_data, chart)["grade"]

    for before, name, value in steps(grades["lowest"]):
        assert grade(value) == name
        if before is not None:
            assert grade(value - step) == before


@each_playtype
def test_every_grade_is_covered(gpt, document):
    derived = [case["becomes"].get("grade") for case in document["accepted"]]
    covered = {*document["grades"]["lowest"], *derived} - {None}
    assert covered == set(GAMES[gpt].derived["grade"].values)


@each_playtype
def test_a_class_begins_at_its_lowest_rating(gpt, document):
    game = GAMES[gpt]
    derived = {name for name, each in game.classes.items() if not each.provided}
    assert derived == set(document["classes"])
    for name, case in document["classes"].items():
        assert tuple(case["lowest"]) == game.classes[name].values
        for before, class_id, value in steps(case["lowest"]):
            assert game.derived_classes({case["rating"]: value})[name] == class_id
            if before is not None:
                below = math.nextafter(value, -math.inf)
                assert game.derived_classes({case["rating"]: below})[name] == before
        assert game.derived_classes({case["rating"]: None})[name] is None


@single_cases("accepted")
def test_a_score_is_accepted(gpt, chart, case):
    outcome = complete(gpt, chart, case)

    assert isinstance(outcome, Completed), outcome.reasons
    becomes = {name: outcome.score_data[name] for name in case["becomes"]}
    assert json.dumps(becomes) == json.dumps(case["becomes"])
    ratings = dict(zip(GAMES[gpt].score_ratings, outcome.ratings, strict=True))
    assert ratings == case["ratings"]


@single_cases("rejected")
def test_a_score_is_rejected(gpt, chart, case):
    outcome = complete(gpt, chart, case)

    assert isinstance(outcome, Rejected)
    assert list(outcome.reasons) == case["reasons"]


@each_playtype
def test_every_relation_rejects_a_case(gpt, document):
    game = GAMES[gpt]
    silent = set(game.relations)
    for case in document["rejected"]:
        chart = make_chart(document["chart"], **case.get("chart", {}))
        score_data = {"judgements": {}, "optional": {}, **case["score"]}
        try:
            score_data.update(game.derive(score_data, chart))
        except Impossible:
            continue
        silent -= {each for each in silent if each(score_data, chart)}
    assert {each.__name__ for each in silent} == set(document.get("neverFires", ()))


@pytest.mark.parametrize("gpt", GAMES)
@pytest.mark.parametrize(
    "junk",
    [None, True, "x", "", -1, 1.5, [], {}, [None], 10**400, 2**60, math.nan, math.inf],
    ids=repr,
)
def test_nothing_raises(gpt, junk):
    game = GAMES[gpt]
    [document] = [each for each in DOCUMENTS if gpt in each["gpts"]]
    case = next(c for c in document["accepted"] if c.get("gpt", gpt) == gpt)
    sound = case["score"]
    chart = make_chart(document["chart"], **case.get("chart", {}))
    spoilt = [
        {**sound, name: junk} for name in [*game.provided, "judgements", "optional"]
    ]
    spoilt += [{**sound, "optional": {name: junk}} for name in game.optional]
    spoilt += [{**sound, "judgements": {name: junk}} for name in game.judgements]
    spoilt += [dict.fromkeys(game.provided, junk), {}]

    outcomes = game.complete((score, chart) for score in spoilt)

    assert len(outcomes) == len(spoilt)
    for metric in {**game.metrics, **game.optional}.values():
        assert metric.problem(junk) is None or metric.problem(junk).endswith(".")


def test_a_message_counts_its_errors():
    assert Rejected(("A.",)).message == "Got 1 error when validating score:\nA."
    two = Rejected(("A.", "B."))
    assert two.message == "Got 2 errors when validating score:\nA.\nB."
