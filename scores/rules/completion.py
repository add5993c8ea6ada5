"""From a score as it was sent to a score as it is kept, or the reasons why not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from scores.rules.bests import Ratings
from scores.rules.charts import Chart
from scores.rules.javascript import (
    is_safe_integer,
    text,
    whole,
)
from scores.rules.metrics import Metric
from scores.rules.moments import A_DAY, ahead, iso, misread
from scores.rules.problems import Impossible, Problem
from scores.rules.score_data import ScoreData, section

Relation = Callable[[ScoreData, Chart], Problem | None]


class Completed(NamedTuple):
    """`score_data` in the form of the wire; `ratings` in the game's order."""

    score_data: dict[str, object]
    ratings: Ratings


class Rejected(NamedTuple):
    """Everything that is wrong with a score, a sentence each."""

    reasons: tuple[str, ...]

    @property
    def message(self) -> str:
        count = "1 error" if len(self.reasons) == 1 else f"{len(self.reasons)} errors"
        return "\n".join([f"Got {count} when validating score:", *self.reasons])


class Rules(Protocol):
    """What completing a score takes of a game."""

    @property
    def provided(self) -> Mapping[str, Metric]: ...

    @property
    def derived(self) -> Mapping[str, Metric]: ...

    @property
    def metrics(self) -> Mapping[str, Metric]: ...

    @property
    def optional(self) -> Mapping[str, Metric]: ...

    @property
    def judgements(self) -> Sequence[str]: ...

    @property
    def relations(self) -> Sequence[Relation]: ...

    def derive_unchecked(
        self, score_data: ScoreData, chart: Chart
    ) -> Mapping[str, object]: ...

    def enum_indexes(self, score_data: ScoreData) -> dict[str, int]: ...

    def rate(self, score_data: ScoreData, chart: Chart) -> Ratings: ...


def completer(rules: Rules) -> Callable[[object, Chart], Completed | Rejected]:
    """A function that completes one score of this game. It never raises."""

    def complete(sent: object, chart: Chart) -> Completed | Rejected:
        if not isinstance(sent, dict):
            return Rejected(("Expected score data to be an object.",))
        score_data, optional, strange = _kept(rules, sent)
        underivable = _derive(rules, score_data, chart)
        problems = problems_of(rules, score_data, chart) + strange or underivable
        if problems:
            return Rejected(tuple(problem.text for problem in problems))
        score_data["enumIndexes"] = rules.enum_indexes(score_data)
        optional["enumIndexes"] = {}
        return Completed(score_data, rules.rate(score_data, chart))

    return complete


def problems_of(rules: Rules, score_data: ScoreData, chart: Chart) -> list[Problem]:
    """Everything wrong with full score data: metrics one by one, then their relations.

    Relations are not looked at without the derived metrics.
    """
    found: list[Problem] = []
    for name, metric in rules.metrics.items():
        value = score_data.get(name)
        if not metric.surely_fine(value) and name in score_data:
            found += _metric_problems(metric, name, value, chart)
    for name, value in section(score_data, "optional").items():
        optional = rules.optional.get(name)
        if optional and value is not None and not optional.surely_fine(value):
            found += _metric_problems(optional, name, value, chart)
    if rules.derived.keys() <= score_data.keys():
        found += _related_problems(rules, score_data, chart)
    return found


def _metric_problems(
    metric: Metric, name: str, value: object, chart: Chart
) -> list[Problem]:
    try:
        return metric.problems(name, value, chart)
    except Impossible as error:  # The chart lacks what the rule needs.
        return [_problem(error)]


def _related_problems(
    rules: Rules, score_data: ScoreData, chart: Chart
) -> Iterator[Problem]:
    for relation in rules.relations:
        try:
            problem = relation(score_data, chart)
        except Impossible as error:  # The chart lacks what the relation needs.
            problem = _problem(error)
        if problem:
            yield problem


def future_problem(time_achieved: float | None, now: float) -> Problem | None:
    """What is wrong with a score from more than a day ahead, in unix milliseconds."""
    if time_achieved is None or time_achieved <= now + A_DAY:
        return None
    return Problem(
        "future-timestamp",
        f"Invalid timestamp: score happens in the future. It says {iso(time_achieved)},"
        f" which is {ahead(time_achieved, now)} ahead: up to 24 hours are allowed."
        f"{misread(time_achieved)}",
    )


def _kept(
    rules: Rules, sent: dict[str, object]
) -> tuple[dict[str, object], dict[str, object], list[Problem]]:
    """A copy of what the game knows in a score, its optional metrics, and what else
    was in it.
    """
    judgements, optional = sent.get("judgements") or {}, sent.get("optional") or {}
    problems = []
    if not isinstance(judgements, dict):
        judgements = {}
        problems.append(Problem("judgements", "Expected judgements to be an object."))
    if not isinstance(optional, dict):
        optional = {}
        problems.append(Problem("optional", "Expected optional to be an object."))
    kept = {name: whole(sent.get(name)) for name in rules.provided}
    counts: dict[str, object] = {}
    for name, count in judgements.items():
        if _is_count(count) and name in rules.judgements:
            counts[name] = whole(count)
        else:
            problems.append(_bad_judgement(rules, name, count))
    kept_optional: dict[str, object] = {
        name: whole(value) for name, value in optional.items() if name != "enumIndexes"
    }
    kept["judgements"], kept["optional"] = counts, kept_optional
    if unknown := kept_optional.keys() - rules.optional.keys():
        named = ", ".join(sorted(map(str, unknown)))
        problems.append(Problem("optional", f"Unexpected optional metrics: {named}."))
    return kept, kept_optional, problems


def _derive(rules: Rules, score_data: dict[str, object], chart: Chart) -> list[Problem]:
    """Put the derived metrics in; what is wrong where that cannot be done."""
    try:
        derived = rules.derive_unchecked(score_data, chart)
    except Impossible as error:
        return [_problem(error)]
    for name, value in derived.items():
        score_data[name] = whole(value)
    return []


def _problem(error: Impossible) -> Problem:
    return Problem(error.category, str(error))


def _is_count(value: object) -> bool:
    return value is None or (is_safe_integer(value) and value >= 0)


def _bad_judgement(rules: Rules, name: object, count: object) -> Problem:
    if name not in rules.judgements:
        known = ", ".join(rules.judgements)
        return Problem("judgements", f"Invalid Key {name}. Expected any of {known}.")
    return Problem("judgements", f"Key {name} had an invalid value of {text(count)}.")
