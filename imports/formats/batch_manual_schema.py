"""The schema of BATCH-MANUAL: the checks of a document for one game and playtype."""

import json
from functools import cache
from typing import Any

from imports.formats.checks import (
    NOT_AN_OBJECT,
    Check,
    Problem,
    bounded_string,
    document,
    list_of,
    metric,
    one_of,
    optional_string,
    string,
    type_name,
)
from imports.matching import MATCH_TYPES
from scores.rules.game import Game
from scores.rules.javascript import MAX_SAFE_INTEGER, is_number, is_safe_integer, text
from scores.rules.schema import Schema

#: 2001-09-09. Who sends unix seconds is below it.
EARLIEST_TIME = 1_000_000_000_000
TIME_TOO_SMALL = (
    "Expected a number greater than 1 Trillion"
    " - did you pass unix seconds instead of milliseconds?"
)


@cache
def document_check(game: Game) -> Check:
    """What a document for this game and playtype has to look like."""
    return document(
        {
            "meta": document(
                {
                    "service": bounded_string(3, 60),
                    "game": one_of([game.name]),
                    "playtype": one_of([game.playtype]),
                },
                {"version": optional_string},
            ),
            "scores": list_of(_score(game)),
        },
        {"classes": _classes(game)},
    )


def _score(game: Game) -> Check:
    metrics = document({}, {name: metric(each) for name, each in game.optional.items()})
    return document(
        {
            **{name: metric(each) for name, each in game.provided.items()},
            "matchType": one_of(MATCH_TYPES),
            "identifier": string,
        },
        {
            "difficulty": optional_string,
            "artist": optional_string,
            "timeAchieved": _time,
            "comment": bounded_string(3, 240),
            "judgements": _judgements(game.judgements),
            "optional": metrics,
            "hitMeta": metrics,
            "scoreMeta": _score_meta(game.score_meta),
        },
    )


def _classes(game: Game) -> Check:
    return document(
        {},
        {
            name: one_of(each.values)
            for name, each in game.classes.items()
            if each.provided
        },
    )


def _time(value: Any) -> Problem | None:
    """0 stands for unknown."""
    if is_number(value) and (value > EARLIEST_TIME or value == 0):
        return None
    return Problem("", TIME_TOO_SMALL, value)


def _judgements(names: tuple[str, ...]) -> Check:
    known = frozenset(names)

    def check(value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return Problem("", NOT_AN_OBJECT, value)
        for name, count in value.items():
            if name not in known:
                expected = ", ".join(names)
                message = f"Invalid Key {name}. Expected any of {expected}"
                return Problem("", message, value)
            if count is not None and not _is_count(count):
                received = f"{text(count)} [type: {type_name(count)}]"
                message = f"Key {name} had an invalid value of {received}"
                return Problem("", message, value)
        return None

    return check


def _is_count(value: Any) -> bool:
    return is_safe_integer(value) and 0 <= value <= MAX_SAFE_INTEGER


def _score_meta(schema: Schema) -> Check:
    """Its problems are told as a list of issues in JSON."""

    def check(value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return Problem("", NOT_AN_OBJECT, value)
        paths = schema.problems(value)
        if not paths:
            return None
        issues = json.dumps(_issues(schema, paths), indent=2, ensure_ascii=False)
        return Problem("", issues, value)

    return check


def _issues(schema: Schema, paths: list[str]) -> list[dict]:
    unknown = [path for path in paths if path.split(".")[0] not in schema.keys]
    issues = [
        {"code": "custom", "path": path.split("."), "message": "Invalid input"}
        for path in paths
        if path not in unknown
    ]
    if unknown:
        named = ", ".join(f"'{name}'" for name in unknown)
        issues.append(
            {
                "code": "unrecognized_keys",
                "keys": unknown,
                "path": [],
                "message": f"Unrecognized key(s) in object: {named}",
            }
        )
    return issues
