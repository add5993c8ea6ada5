import json

import pytest

from imports.failures import FailureType
from imports.formats import FORMATS
from imports.formats.base import Draft, ImportRefused, Input
from imports.formats.orphans import orphan_id
from scores.games import GAMES, PLAYTYPES
from scores.rules.completion import Rejected, future_problem
from tests.seeds import store_seeds
from tests.shared_data import SHARED, needs_shared_data, shared_json

pytestmark = [pytest.mark.django_db, needs_shared_data]
NOW = 1_735_689_600_000
USER = 1


def instead(**changes):
    return lambda expect: {**expect, **changes}


def refused(expect):
    return {"fatal": {"status": 400}}


def in_whole_milliseconds(expect):
    [score] = expect["stored"]
    return {**expect, "stored": [{**score, "timeAchieved": int(score["timeAchieved"])}]}


EARLY = "validation comes before derivation, so the sender learns what is wrong"
#: Where we answer differently from the original on purpose: how, and why.
DEVIATIONS = {
    "metric-iidx-negative": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "plaus-ongeki-max": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "plaus-maimai-over": (instead(errors={"InvalidDatapoint": 1}), EARLY),
    "pms-hash": (
        instead(imported=1, errors={}),
        "the hash is looked up among the charts of the document's own game",
    ),
    "judge-array-empty": (refused, "an empty list is no object of judgements"),
    "time-float": (in_whole_milliseconds, "times are kept in whole milliseconds"),
}


def document_of(step):
    try:
        document = json.loads(step["text"]) if "text" in step else step["body"]
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


FIXTURES = {
    path.stem.removeprefix("songs-")
    for path in SHARED.glob("samples/fixtures/mini-db/songs-*.json")
}


def games_of(step):
    meta = (document_of(step) or {}).get("meta")
    game = meta.get("game") if isinstance(meta, dict) else None
    return {game} & FIXTURES if isinstance(game, str) else set()


#: Those of game hooks are sent to their addresses, by tests of their own.
TYPES = {each for each in FORMATS if each.startswith("file/")} | {"ir/direct-manual"}


def steps_of(case):
    return case.get("steps", [case])


def is_implemented(case):
    """Whether we have the import types and games of all of its steps."""
    steps = steps_of(case)
    return all(step["importType"] in TYPES for step in steps) and (
        set().union(*map(games_of, steps)) <= PLAYTYPES.keys()
    )


CASES = [
    pytest.param(case, id=f"{path.parent.name}-{case['id']}")
    for pattern in ("cases/*.json", "real/cases.json")
    for path in sorted((SHARED / "samples").glob(pattern))
    for case in json.loads(path.read_text(encoding="utf-8"))
    if is_implemented(case)
]


def test_there_are_cases_of_both_kinds_and_of_every_import_type():
    assert {case.id.partition("-")[0] for case in CASES} == {"cases", "real"}
    steps = [step for case in CASES for step in steps_of(*case.values)]
    assert {step["importType"] for step in steps} == TYPES


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_outcome(case):
    steps = steps_of(case)
    for game in set().union(*map(games_of, steps)):
        store_seeds(f"samples/fixtures/{case['db']}", game)
    ledger = Ledger()
    for step in steps:
        expect = expected(case["id"], step)
        outcome = ledger.take(step)
        assert {key: outcome.get(key) for key in expect} == expect


def test_every_deviation_is_from_a_case_that_exists():
    known = {case["id"] for case in shared_json("samples/cases/batch-manual.json")}
    assert known >= DEVIATIONS.keys()


def expected(case_id, step):
    expect = step["expect"]
    if case_id in DEVIATIONS:
        deviate, _ = DEVIATIONS[case_id]
        expect = deviate(expect)
    if "stored" in expect:
        expect = {
            **expect,
            "stored": list(map(at_the_time_of_the_request, expect["stored"])),
        }
    if "classes" in expect:
        given = {gpt: classes for gpt, classes in expect["classes"].items() if classes}
        expect = {**expect, "classes": given}
    return expect


def at_the_time_of_the_request(score):
    inferred = score["timeAchieved"] == "time of the request"
    return {**score, "timeAchieved": NOW} if inferred else score


class Ledger:
    def __init__(self):
        self.scores = set()
        self.orphans = set()

    def take(self, step):
        format_ = FORMATS[step["importType"]]
        try:
            parsed = format_.parse(input_of(step))
        except ImportRefused as refusal:
            assert refusal.text
            return {"fatal": {"status": refusal.status}}
        self.stored, self.errors, self.skipped = [], {}, 0
        outcomes = format_.convert(parsed.entries, parsed.context)
        for outcome in outcomes:
            if isinstance(outcome, Draft):
                self.take_draft(outcome)
            else:
                self.take_failure(outcome, step["importType"], parsed.context)
        return {
            "datapoints": len(outcomes),
            "imported": len(self.stored),
            "skipped": self.skipped,
            "errors": self.errors,
            "stored": self.stored,
            "classes": parsed.classes,
        }

    def take_draft(self, draft):
        game = GAMES[draft.chart.gpt]
        score_id = game.score_id(USER, draft.chart.chart_id, draft.score_data)
        if score_id in self.scores:
            self.skipped += 1
            return
        [completed] = game.complete([(draft.score_data, draft.chart)])
        late = future_problem(draft.time_achieved, NOW)
        if late or isinstance(completed, Rejected):
            self.count("InvalidDatapoint")
            return
        self.scores.add(score_id)
        self.stored.append(document(draft, completed.score_data))

    def take_failure(self, failure, import_type, context):
        if failure.type == FailureType.NOT_FOUND:
            orphan = orphan_id(import_type, failure.data, context, USER)
            if orphan in self.orphans:
                self.count("OrphanExists")
                return
            self.orphans.add(orphan)
        self.count(failure.type)

    def count(self, type_):
        self.errors[type_] = self.errors.get(type_, 0) + 1


def input_of(step):
    text = step["text"] if "text" in step else json.dumps(step["body"])
    return Input(
        payload=text.encode(),
        filename=step.get("filename", ""),
        parameters={**step.get("form", {}), "infer": step.get("infer", False)},
        received_at=NOW,
    )


def document(draft, score_data):
    optional = {
        name: value
        for name, value in score_data["optional"].items()
        if name != "enumIndexes"
    }
    plain = {name: value for name, value in score_data.items() if name != "enumIndexes"}
    return {
        "game": draft.chart.game,
        "playtype": draft.chart.playtype,
        "songID": draft.chart.song.song_id,
        "chartID": draft.chart.chart_id,
        "isPrimary": draft.chart.is_primary,
        "service": draft.service,
        "timeAchieved": draft.time_achieved,
        "comment": draft.comment,
        "scoreData": {**plain, "optional": optional},
        "scoreMeta": draft.score_meta,
    }
