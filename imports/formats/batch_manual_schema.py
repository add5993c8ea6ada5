"""The schema of BATCH-MANUAL: the check of a document for one game and playtype."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from imports.formats.former_lamps import FORMER_LAMPS
from imports.formats.refusals import quoted
from imports.matching import MATCH_TYPES
from scores.games import PLAYTYPES
from scores.rules.game import Game
from scores.rules.metrics import Kind, Metric
from tachi.schema import (
    Check,
    Document,
    Violation,
    array,
    document,
    either,
    integer,
    one_of,
    string,
    that,
)
from tachi.schema.check import JSONSchema
from tachi.schema.javascript import is_number

#: 2001-09-09. Who sends unix seconds is below it.
EARLIEST_TIME = 1_000_000_000_000
TIME = that(
    lambda value: is_number(value) and (value > EARLIEST_TIME or value == 0),
    "Expected a number greater than 1 Trillion"
    " - did you pass unix seconds instead of milliseconds?",
    {"type": "number", "anyOf": [{"const": 0}, {"exclusiveMinimum": EARLIEST_TIME}]},
).described("Unix milliseconds; 0 stands for unknown.")
COUNT = integer(minimum=0)
MOST_VERSION = MOST_DIFFICULTY = 100  # UTF-16 code units
MOST_IDENTIFIER = MOST_ARTIST = 1_000


@cache
def document_check(game: Game) -> Document:
    """What a document for this game and playtype has to look like.

    Scores in a former shape are rewritten before (`imports.formats.former_lamps`).
    """
    playtype = one_of(game.playtype)
    if len(PLAYTYPES[game.name]) == 1:
        playtype = playtype.or_absent()
    meta = {
        "service": string(3, 60),
        "game": one_of(game.name),
        "playtype": playtype,
        **_optional({"version": string(most=MOST_VERSION)}),
    }
    return document(
        meta=document(meta),
        scores=array(document(_score(game))),
        **_optional({"classes": document(_optional(_classes(game)))}),
    )


def json_schema(game: Game) -> JSONSchema:
    """The same as JSON Schema, with the former shapes of scores that are understood."""
    schema = document_check(game).json_schema()
    if game.gpt in FORMER_LAMPS:
        current = _score(game)
        lamps = FORMER_LAMPS[game.gpt]
        replaced = {name for lamp in lamps.values() for name in lamp}
        rest = {name: check for name, check in current.items() if name not in replaced}
        lamp = one_of(*lamps).described("The former single lamp.")
        shapes = [document(current), document({"lamp": lamp, **rest})]
        schema["properties"]["scores"]["items"] = either(*shapes).json_schema()
    return schema


def worded(game: Game, body: dict[str, Any], violation: Violation) -> Violation:
    """The first violation of a document, as the wire has it.

    What is wrong within the judgements or the score meta of a score is told of the
    whole of them, in words that clients know.
    """
    match violation.place:
        case ("scores", int(i), str(name), *_) if name in WORDINGS:
            value = body["scores"][i][name]
            if isinstance(value, dict):
                return Violation(
                    ("scores", i, name), WORDINGS[name](game, value), value
                )
    return violation


def _score(game: Game) -> dict[str, Check]:
    metrics = document(_optional(_checks(game.optional)))
    judgements = document(_optional(dict.fromkeys(game.judgements, COUNT)))
    return {
        **{name: _or_empty(metric) for name, metric in game.provided.items()},
        "matchType": one_of(*MATCH_TYPES),
        "identifier": string(most=MOST_IDENTIFIER),
        **_optional(
            {
                "difficulty": string(most=MOST_DIFFICULTY),
                "artist": string(most=MOST_ARTIST),
                "timeAchieved": TIME,
                "comment": string(3, 240),
                "judgements": judgements,
                "optional": metrics,
                "hitMeta": metrics.described("The former name of optional."),
                "scoreMeta": game.score_meta,
            }
        ),
    }


def _classes(game: Game) -> dict[str, Check]:
    return {
        name: one_of(*classes.values)
        for name, classes in game.classes.items()
        if classes.provided
    }


def _or_empty(metric: Metric) -> Check:
    """An empty word is how some clients say that they do not know a lamp: its row is
    rejected, and not the document.
    """
    check = metric.check
    if metric.kind != Kind.ENUM:
        return check
    shape = {**check.shape(), "enum": [*check.shape()["enum"], ""]}
    return that(
        lambda value: value == "" or check.accepts(value),
        metric.expected_values,
        shape,
    ).described(metric.description)


def _checks(metrics: Mapping[str, Metric]) -> dict[str, Check]:
    return {name: metric.check for name, metric in metrics.items()}


def _optional(checks: Mapping[str, Check]) -> dict[str, Check]:
    """Keys that may be missing; whatever may be missing may also be null."""
    return {name: check.or_null().or_absent() for name, check in checks.items()}


def _judgements_wording(game: Game, judgements: dict[str, Any]) -> str:
    """The first that is wrong in the sender's order."""
    for name, count in judgements.items():
        if name not in game.judgements:
            return f"Invalid Key {name}. Expected any of {', '.join(game.judgements)}"
        if count is not None and not COUNT.accepts(count):
            return f"Key {name} had an invalid value of {quoted(count)}"
    raise AssertionError("These judgements are right.")


def _score_meta_wording(game: Game, score_meta: dict[str, Any]) -> str:
    """All that is wrong, as a list of issues in JSON."""
    issues = [_issue(each) for each in game.score_meta.violations(score_meta)]
    return json.dumps(issues, indent=2, ensure_ascii=False)


def _issue(violation: Violation) -> dict[str, Any]:
    path = [str(step) for step in violation.place]
    if not violation.unexpected:
        return {"code": "custom", "path": path, "message": "Invalid input"}
    named = ", ".join(f"'{key}'" for key in violation.unexpected)
    return {
        "code": "unrecognized_keys",
        "keys": list(violation.unexpected),
        "path": path,
        "message": f"Unrecognized key(s) in object: {named}",
    }


WORDINGS: dict[str, Callable[[Game, dict[str, Any]], str]] = {
    "judgements": _judgements_wording,
    "scoreMeta": _score_meta_wording,
}
