"""Lamps as earlier revisions of BATCH-MANUAL had them, which clients still send."""

from typing import Any

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


def with_current_lamps(
    game: Game, body: dict[str, Any]
) -> tuple[dict[str, Any], list[Violation]]:
    """A document, not checked yet, whose scores have the lamps of today, and what is
    wrong with those of the past.

    So a play is the same score, and the same orphan, in whichever shape it is sent. One
    that has a lamp of today is left as it is; a former lamp that there never was is
    told of, and stands for any.
    """
    lamps, scores = FORMER_LAMPS.get(game.gpt), body.get("scores")
    if lamps is None or not isinstance(scores, list):
        return body, []
    todays = {name for said in lamps.values() for name in said}
    wrong: list[Violation] = []
    current = [
        _rewritten(place, score, lamps, wrong)
        if isinstance(score, dict) and "lamp" in score and not todays & score.keys()
        else score
        for place, score in enumerate(scores)
    ]
    return {**body, "scores": current}, wrong


def _rewritten(
    place: int,
    score: dict[str, Any],
    lamps: dict[str, dict[str, str]],
    wrong: list[Violation],
) -> dict[str, Any]:
    lamp = score["lamp"]
    if not isinstance(lamp, str) or lamp not in lamps:
        where, message = ("scores", place, "lamp"), one_of(*lamps).message
        wrong.append(Violation(where, message, lamp, known=tuple(lamps)))
        lamp = next(iter(lamps))
    rest = {name: value for name, value in score.items() if name != "lamp"}
    return {**lamps[lamp], **rest}
