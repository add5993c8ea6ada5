"""What is wrong with a BATCH-MANUAL document, and what may help its sender."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from imports.formats.batch_manual_schema import COUNT, document_check
from imports.formats.refusals import Wrong, quoted, wrong
from scores.rules.game import Game
from scores.rules.moments import misread
from tachi.schema import Violation

TIMES = ("timeAchieved",)


def problems(
    game: Game, body: Any, of_the_past: Iterable[Violation]
) -> Iterator[Wrong]:
    """All that is wrong with a document, from start to end, after what was wrong with
    its former lamps.

    The first is worded as clients know it.
    """
    violations = chain(of_the_past, document_check(game).violations(body))
    worded = None
    for violation in violations:
        hint = _hint(game, violation)
        found = wrong(violation, hint)
        if worded is None:
            worded = _worded(game, body, violation)
            found = found._replace(text=wrong(worded, hint).text)
        elif "scoreMeta" in worded.place and worded.place == violation.place[:3]:
            found = found._replace(text="")  # all of it was told
        yield found


def _hint(game: Game, violation: Violation) -> str:
    """More than its rule says; "" where there is nothing more."""
    match violation.place:
        case ("scores", int(), "timeAchieved"):
            return misread(violation.value)
        case ("scores", int(), "identifier"):
            is_number = type(violation.value) in (int, float)
            return " A number of so many digits is sent as a text." * is_number
        case ("classes",):
            derived = [
                name
                for name in violation.unexpected
                if name in game.classes and not game.classes[name].provided
            ]
            if derived:
                return f" {', '.join(derived)} follows from ratings and is not sent."
    return ""


def _worded(game: Game, body: dict[str, Any], violation: Violation) -> Violation:
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
