"""The schema of BATCH-MANUAL: the check of a document for one game and playtype."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from imports.formats.former_lamps import FORMER_LAMPS
from imports.matching import MATCH_TYPES
from scores.games import PLAYTYPES
from scores.rules.game import Game
from scores.rules.metrics import Kind, Metric
from tachi.schema import (
    Check,
    Document,
    array,
    document,
    either,
    integer,
    one_of,
    string,
    that,
)
from tachi.schema.check import JSONSchema
from tachi.schema.javascript import (
    MAX_SAFE_INTEGER,
    is_longer,
    is_number,
    number_text,
)

#: 2001-09-09. Who sends unix seconds is below it.
EARLIEST_TIME = 1_000_000_000_000
TIME = that(
    lambda value: is_number(value) and (value > EARLIEST_TIME or value == 0),
    "Expected a number greater than 1 Trillion"
    " - did you pass unix seconds instead of milliseconds?",
    {"type": "number", "anyOf": [{"const": 0}, {"exclusiveMinimum": EARLIEST_TIME}]},
).described("Unix milliseconds; 0 stands for unknown.")
MOST_VERSION = MOST_DIFFICULTY = 100  # UTF-16 code units
MOST_IDENTIFIER = MOST_ARTIST = 1_000
COUNT = integer(minimum=0)
#: A number is its text, where JavaScript holds it exactly.
IDENTIFIER = that(
    lambda value: isinstance(value, str) or is_exact(value),
    "Expected string.",
    {
        "type": ["string", "number"],
        "minimum": -MAX_SAFE_INTEGER,
        "maximum": MAX_SAFE_INTEGER,
    },
).and_that(
    lambda value: not isinstance(value, str) or not is_longer(value, MOST_IDENTIFIER),
    f"Expected a string of at most {MOST_IDENTIFIER} characters.",
    {"maxLength": MOST_IDENTIFIER},
)


def is_exact(value: object) -> bool:
    """Whether this is a number whose digits are those that were sent."""
    return is_number(value) and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER


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


def with_texts_as_identifiers(scores: list[dict[str, Any]]) -> None:
    """Turn identifiers that are numbers into the texts that JavaScript prints them as,
    in place: 1001 is "1001", be it written 1001.0.
    """
    for score in scores:
        if not isinstance(score["identifier"], str):
            score["identifier"] = number_text(score["identifier"])


def _score(game: Game) -> dict[str, Check]:
    metrics = document(_optional(_checks(game.optional)))
    judgements = document(_optional(dict.fromkeys(game.judgements, COUNT)))
    return {
        **{name: _or_empty(metric) for name, metric in game.provided.items()},
        "matchType": one_of(*MATCH_TYPES),
        "identifier": IDENTIFIER,
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
