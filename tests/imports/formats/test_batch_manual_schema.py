"""The check of a BATCH-MANUAL document: what it finds, and its JSON Schema."""

import json
from copy import deepcopy
from functools import reduce
from operator import getitem

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from imports.formats import get_format
from imports.formats.base import ImportRefused, Input
from imports.formats.batch_manual_schema import document_check, json_schema
from scores.games import GAMES
from scores.rules.metrics import Kind
from tests.shared_data import needs_shared_data, shared_json

SAMPLE = settings.BASE_DIR / "scores/sample/batch-manual-sdvx.json"
VALUES = {
    Kind.INTEGER: 1,
    Kind.DECIMAL: 0.5,
    Kind.GRAPH: [0, 0.0],
    Kind.NULLABLE_GRAPH: [0, None],
}
JUNK = [
    *(None, True, 0, -1, 5.0, 1.5, 101, 2**53, 1e300),
    *(1_000_000_000_000, 1_700_000_000_000.5),
    *("", "ab", "x" * 60, "x" * 61, "x" * 240, "x" * 241, "CLEAR", "1"),
    *([], [1.5, None], [101], {}, {"miss": 0}),
]


def validator_of(game):
    schema = json_schema(game)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def full_document(game):
    """A right document with everything that one may hold."""
    optional = {name: value_of(each) for name, each in game.optional.items()}
    classes = {n: s.values[0] for n, s in game.classes.items() if s.provided}
    score = {
        **{name: value_of(each) for name, each in game.provided.items()},
        "matchType": "songTitle",
        "identifier": "Glass Sea",
        "difficulty": "EXH",
        "artist": "kawa-no-hito",
        "timeAchieved": 1_700_000_000_000,
        "comment": "a good one",
        "judgements": dict.fromkeys(game.judgements, 3),
        "optional": optional,
        "hitMeta": dict.fromkeys(optional),
        "scoreMeta": {name: meta_of(game, name) for name in game.score_meta.keys},
    }
    meta = {"game": game.name, "playtype": game.playtype, "service": "tests"}
    return {"meta": {**meta, "version": "x"}, "scores": [score], "classes": classes}


def value_of(metric):
    return metric.values[-1] if metric.kind is Kind.ENUM else VALUES[metric.kind]


def meta_of(game, name):
    """A value of the score meta: the first word of a list, a number, or true."""
    schema = game.score_meta.json_schema()["properties"][name]
    if "prefixItems" in schema:
        return [each["enum"][0] for each in schema["prefixItems"]]
    return schema.get("enum", [1 if "number" in schema["type"] else True])[0]


def places(value, place=()):
    """Every place below a value, the containers before what is in them."""
    pairs = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else pairs:
        yield (*place, key)
        yield from places(each, (*place, key))


def put(value):
    return lambda parent, key: parent.__setitem__(key, value)


def drop(parent, key):
    parent.pop(key)


def add_another(parent, key):
    if isinstance(parent, dict):
        parent["unheard"] = parent[key]
    else:
        parent.append(parent[key])


def spoilt(document):
    """The document with one thing replaced, missing or too many, everywhere."""
    for *above, last in list(places(document)):
        for spoil in (drop, add_another, *map(put, JUNK)):
            copy = deepcopy(document)
            spoil(reduce(getitem, above, copy), last)
            yield copy


@pytest.mark.parametrize("gpt", GAMES)
def test_a_json_schema_judges_documents_as_the_import_does(gpt):
    game = GAMES[gpt]
    check, validator = document_check(game), validator_of(game)
    document = full_document(game)
    assert check.first(document) is None
    assert validator.is_valid(document)

    verdicts = set()
    for each in spoilt(document):
        accepted = check.accepts(each)
        assert validator.is_valid(each) is accepted, check.first(each)
        assert bool(check.first(each)) is not accepted
        verdicts.add(accepted)
    assert verdicts == {True, False}


def test_the_sample_of_the_repository_is_right_by_its_json_schema():
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert validator_of(GAMES["sdvx:Single"]).is_valid(sample)


@needs_shared_data
def test_the_sample_cases_are_judged_by_their_json_schema_as_they_end():
    judged = 0
    for case in shared_json("samples/cases/batch-manual.json"):
        body, game = case.get("body"), game_of(case.get("body"))
        if game is None or case.get("infer"):
            continue
        assert validator_of(game).is_valid(body) is not is_refused(body), case["id"]
        judged += 1
    assert judged > 100


def game_of(body):
    meta = body.get("meta") if isinstance(body, dict) else None
    return GAMES.get(f"{meta.get('game')}:{meta.get('playtype')}") if meta else None


def is_refused(body):
    sent = Input(json.dumps(body).encode(), parameters={}, received_at=0)
    try:
        get_format("file/batch-manual").parse(sent)
    except ImportRefused:
        return True
    return False


def test_a_json_schema_says_what_is_known_without_the_chart():
    schema = document_check(GAMES["sdvx:Single"]).json_schema()
    score = schema["properties"]["scores"]["items"]
    told = score["properties"]
    assert score["required"] == ["score", "lamp", "matchType", "identifier"]
    assert score["additionalProperties"] is False
    assert told["score"] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 10_000_000,
        "description": GAMES["sdvx:Single"].provided["score"].description,
    }
    assert told["lamp"]["enum"][-2:] == ["PERFECT ULTIMATE CHAIN", ""]
    assert told["judgements"]["properties"]["near"] == {
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 2**53 - 1,
    }
    assert told["optional"]["properties"]["gauge"]["maximum"] == 100
    difficulty = {"type": ["string", "null"], "maxLength": 100}
    assert told["difficulty"].items() >= difficulty.items()
    assert (told["comment"]["minLength"], told["comment"]["maxLength"]) == (3, 240)
    assert schema["properties"]["classes"]["properties"]["dan"]["enum"][-2:] == [
        "INF",
        None,
    ]


def test_everything_wrong_is_collected_with_its_place():
    document = full_document(GAMES["bms:7K"])
    right = document["scores"][0]
    document["meta"]["service"] = "ab"
    document["scores"] = [
        {**right, "lamp": "X", "judgements": {"bad": -1, "x": 0, "poor": None}},
        right,
        {**right, "scoreMeta": {"gauge": "X", "x": 1}, "optional": {"bp": 0.5}},
        5,
    ]
    found, more = document_check(GAMES["bms:7K"]).collect(document, 100)
    assert more == 0
    assert [each.path for each in found] == [
        "meta.service",
        "scores[0].lamp",
        "scores[0].judgements.bad",
        "scores[0].judgements",
        "scores[2].optional.bp",
        "scores[2].scoreMeta.gauge",
        "scores[2].scoreMeta",
        "scores[3]",
    ]
    assert [found[2].value, found[6].unexpected] == [-1, ("x",)]
    assert found[5].message == "Expected any of EASY, NORMAL, HARD, EX-HARD."
