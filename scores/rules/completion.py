"""From a score as it was sent to a score as it is kept, or the reasons why not."""

from collections.abc import Callable
from typing import NamedTuple

from scores.rules.errors import Impossible
from scores.rules.javascript import (
    MAX_SAFE_INTEGER,
    is_number,
    is_safe_integer,
    text,
    whole,
)
from scores.rules.metrics import Kind, Metric
from scores.rules.problems import Problem

A_DAY = 24 * 60 * 60 * 1000


class Completed(NamedTuple):
    """`score_data` in the form of the wire; `ratings` in the game's order."""

    score_data: dict
    ratings: tuple[float | None, ...]


class Rejected(NamedTuple):
    """Everything that is wrong with a score, a sentence each."""

    reasons: tuple[str, ...]

    @property
    def message(self) -> str:
        count = "1 error" if len(self.reasons) == 1 else f"{len(self.reasons)} errors"
        return "\n".join([f"Got {count} when validating score:", *self.reasons])


def completer(game) -> Callable[[dict, object], Completed | Rejected]:
    """A function that completes one score of this game. It never raises."""

    def complete(sent: dict, chart: object) -> Completed | Rejected:
        if not isinstance(sent, dict):
            return Rejected(("Expected score data to be an object.",))
        score_data, strange = _kept(game, sent)
        readable = all(_known(metric, score_data[name]) for name, metric in provided)
        underivable = _derive(game, score_data, chart) if readable else []
        problems = [*problems_of(game, score_data, chart), *strange] or underivable
        if problems:
            return Rejected(tuple(problem.text for problem in problems))
        score_data["enumIndexes"] = game.enum_indexes(score_data)
        score_data["optional"]["enumIndexes"] = {}
        return Completed(score_data, game.rate(score_data, chart))

    provided = tuple(game.provided.items())
    return complete


def problems_of(game, score_data: dict, chart: object) -> list[Problem]:
    """Everything wrong with full score data: metrics one by one, then their relations.

    Relations are not looked at without the derived metrics; what is no number there
    counts as 0, as null does in JavaScript.
    """
    found, incomparable = [], {}
    for name, metric in game.metrics.items():
        value = score_data.get(name)
        if metric.surely_fine(value) or name not in score_data:
            continue
        found += metric.problems(name, value, chart)
        if not _comparable(metric, value):
            incomparable[name] = 0
    found += _optional_problems(game, score_data["optional"], chart)
    if game.derived.keys() <= score_data.keys():
        related = {**score_data, **incomparable} if incomparable else score_data
        found += filter(None, (relation(related, chart) for relation in game.relations))
    return found


def _optional_problems(game, optional: dict, chart: object) -> list[Problem]:
    found = []
    for name, value in optional.items():
        metric = game.optional.get(name)
        if metric and value is not None and not metric.surely_fine(value):
            found += metric.problems(name, value, chart)
    return found


def future_problem(time_achieved: float | None, now: float) -> Problem | None:
    """What is wrong with a score from more than a day ahead, in unix milliseconds."""
    if time_achieved is None or time_achieved <= now + A_DAY:
        return None
    return Problem(
        "future-timestamp", "Invalid timestamp: score happens in the future."
    )


def _kept(game, sent: dict) -> tuple[dict, list[Problem]]:
    """A copy of what the game knows in a score, and what else was in it."""
    judgements, optional = sent.get("judgements") or {}, sent.get("optional") or {}
    problems = []
    if not isinstance(judgements, dict):
        judgements = {}
        problems.append(Problem("judgements", "Expected judgements to be an object."))
    if not isinstance(optional, dict):
        optional = {}
        problems.append(Problem("optional", "Expected optional to be an object."))
    kept = {name: whole(sent.get(name)) for name in game.provided}
    kept["judgements"] = kept_judgements = {}
    for name, count in judgements.items():
        if _is_count(count) and name in game.judgements:
            kept_judgements[name] = whole(count)
        else:
            problems.append(_bad_judgement(game, name, count))
    kept["optional"] = {
        name: whole(value) for name, value in optional.items() if name != "enumIndexes"
    }
    if unknown := kept["optional"].keys() - game.optional.keys():
        named = ", ".join(sorted(map(str, unknown)))
        problems.append(Problem("optional", f"Unexpected optional metrics: {named}."))
    return kept, problems


def _derive(game, score_data: dict, chart: object) -> list[Problem]:
    """Put the derived metrics in; what is wrong where that cannot be done."""
    try:
        derived = game.derive(score_data, chart)
    except Impossible as error:
        return [Problem(error.category, str(error))]
    score_data.update((name, whole(value)) for name, value in derived.items())
    return []


def _known(metric: Metric, value: object) -> bool:
    """Whether formulas can be asked about the value, be it in range or not."""
    if metric.kind is Kind.ENUM:
        return isinstance(value, str) and value in metric.index
    return is_number(value) and abs(value) <= MAX_SAFE_INTEGER


def _comparable(metric: Metric, value: object) -> bool:
    return isinstance(value, str) if metric.kind is Kind.ENUM else is_number(value)


def _is_count(value: object) -> bool:
    return value is None or (is_safe_integer(value) and value >= 0)


def _bad_judgement(game, name: object, count: object) -> Problem:
    if name not in game.judgements:
        known = ", ".join(game.judgements)
        return Problem("judgements", f"Invalid Key {name}. Expected any of {known}.")
    return Problem("judgements", f"Key {name} had an invalid value of {text(count)}.")
