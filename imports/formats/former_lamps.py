"""Lamps as earlier revisions of BATCH-MANUAL had them, which clients still send."""

from typing import Any

from imports.formats.base import ImportRefused
from imports.formats.refusals import description
from scores.rules.game import Game
from tachi.schema import Violation, one_of

#: What a game's former single `lamp` says in the metrics of today.
FORMER_LAMPS: dict[str, dict[str, dict[str, str]]] = {
    "chunithm:Single": {
        "FAILED": {"clearLamp": "FAILED", "noteLamp": "NONE"},
        "CLEAR": {"clearLamp": "CLEAR", "noteLamp": "NONE"},
        "FULL COMBO": {"clearLamp": "CLEAR", "noteLamp": "FULL COMBO"},
        "ALL JUSTICE": {"clearLamp": "CLEAR", "noteLamp": "ALL JUSTICE"},
        "ALL JUSTICE CRITICAL": {
            "clearLamp": "CLEAR",
            "noteLamp": "ALL JUSTICE CRITICAL",
        },
    }
}


def with_current_lamps(game: Game, body: dict[str, Any]) -> dict[str, Any]:
    """A document, not checked yet, whose scores have the lamps of today.

    So a play is the same score, and the same orphan, in whichever shape it is sent. One
    that has a lamp of today is left as it is. Raises ImportRefused for a former lamp
    that there never was.
    """
    lamps, scores = FORMER_LAMPS.get(game.gpt), body.get("scores")
    if lamps is None or not isinstance(scores, list):
        return body
    todays = {name for said in lamps.values() for name in said}
    current = [
        _rewritten(place, score, lamps)
        if isinstance(score, dict) and "lamp" in score and not todays & score.keys()
        else score
        for place, score in enumerate(scores)
    ]
    return {**body, "scores": current}


def _rewritten(
    place: int, score: dict[str, Any], lamps: dict[str, dict[str, str]]
) -> dict[str, Any]:
    lamp = score["lamp"]
    if not isinstance(lamp, str) or lamp not in lamps:
        where = ("scores", place, "lamp")
        violation = Violation(where, one_of(*lamps).message, lamp)
        raise ImportRefused(description("Invalid BATCH-MANUAL", violation))
    rest = {name: value for name, value in score.items() if name != "lamp"}
    return {**lamps[lamp], **rest}
