"""The vocabulary of metrics: which numbers and words are valid in a score."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from scores.rules.charts import Chart
from scores.rules.javascript import (
    grouped,
    is_finite,
    is_number,
    is_safe_integer,
    number_text,
    text,
)
from scores.rules.problems import Problem
from scores.rules.ranges import COUNT, ChartRule, Rule
from tachi import schema
from tachi.schema import NOT_A_LIST, Check


class Kind(StrEnum):
    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    ENUM = "ENUM"
    GRAPH = "GRAPH"
    NULLABLE_GRAPH = "NULLABLE_GRAPH"


NOT_AN_INTEGER = "Expected an integer."
NOT_A_NUMBER = "Expected a number."


@dataclass(frozen=True)
class Metric:
    """One value of a score. Built by `integer`, `decimal`, `enum` and the graphs below.

    `chart_rule(value, chart)` stands where the range depends on the chart;
    `text` prints a value for people.
    """

    kind: Kind
    description: str
    rule: Rule | None = None
    chart_rule: ChartRule | None = None
    values: tuple[str, ...] = ()
    minimum_relevant: str | None = None
    part_of_score_id: bool = False
    text: Callable[[float], str] = str

    @property
    def chart_dependent(self) -> bool:
        return self.chart_rule is not None

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each value of an ENUM; the first one counts."""
        return {value: i for i, value in reversed(list(enumerate(self.values)))}

    @cached_property
    def surely_fine(self) -> Callable[[object], bool]:
        """A quick yes for what is right on every chart; a no decides nothing."""
        return _SURELY_FINE[self.kind](self)

    @cached_property
    def expected_values(self) -> str:
        """What is said of a value that an ENUM does not know."""
        return schema.one_of(*self.values).message

    @cached_property
    def check(self) -> Check:
        """What the value has to be whatever the chart, in the words of the wire."""
        return _CHECKS[self.kind](self).described(self.description)

    def problem(self, value: object) -> str | None:
        """What is wrong with the value whatever the chart."""
        violation = self.check.first(value)
        return violation.message if violation else None

    def problems(self, name: str, value: object, chart: Chart) -> list[Problem]:
        """Everything wrong with the value on this chart; one value can have two.

        Raises Impossible where the chart has not what its rule needs.
        """
        return _PROBLEMS[self.kind](self, name, value, chart)


def integer(
    description: str,
    rule: Rule | ChartRule = COUNT,
    *,
    text: Callable[[float], str] = grouped,
    part_of_score_id: bool = False,
) -> Metric:
    """A whole number, printed with thousands unless `text` says otherwise."""
    metric = _ranged(Kind.INTEGER, description, rule, text)
    return replace(metric, part_of_score_id=part_of_score_id)


def decimal(
    description: str,
    rule: Rule | ChartRule,
    *,
    text: Callable[[float], str] = number_text,
) -> Metric:
    """Any finite number."""
    return _ranged(Kind.DECIMAL, description, rule, text)


def enum(description: str, minimum_relevant: str, *values: str) -> Metric:
    """One of `values`, worst first."""
    return Metric(
        Kind.ENUM, description, values=values, minimum_relevant=minimum_relevant
    )


def graph(description: str, rule: Rule) -> Metric:
    """A list of numbers that each keep to the rule."""
    return Metric(Kind.GRAPH, description, rule)


def nullable_graph(description: str, rule: Rule) -> Metric:
    """A list of numbers and nulls."""
    return Metric(Kind.NULLABLE_GRAPH, description, rule)


def _ranged(
    kind: Kind,
    description: str,
    rule: Rule | ChartRule,
    text: Callable[[float], str],
) -> Metric:
    if isinstance(rule, Rule):
        return Metric(kind, description, rule, text=text)
    return Metric(kind, description, chart_rule=rule, text=text)


def broken(rule: Rule | None, value: object) -> Rule | None:
    """The rule, if the value breaks it; what is no number breaks every rule."""
    kept = rule is None or (is_number(value) and rule.accepts(value))
    return None if kept else rule


def _number_check(metric: Metric) -> Check:
    if metric.kind is Kind.DECIMAL:
        return _ruled(metric).and_that(is_finite, NOT_A_NUMBER)
    check, rule = schema.integer(), metric.rule
    return check.and_that(rule.accepts, rule.text, rule.schema) if rule else check


def _enum_check(metric: Metric) -> Check:
    return schema.one_of(*metric.values)


def _graph_check(metric: Metric) -> Check:
    point = _ruled(metric)
    return schema.array(
        point.or_null() if metric.kind is Kind.NULLABLE_GRAPH else point
    )


def _ruled(metric: Metric) -> schema.Value:
    """A number within the rule; what is no number breaks the rule, too."""
    rule = metric.rule
    if rule is None:
        return schema.number()
    accepts, shape = rule.accepts, {"type": "number", **rule.schema}
    return schema.that(
        lambda value: is_number(value) and accepts(value), rule.text, shape
    )


def _number_problems(
    metric: Metric, name: str, value: object, chart: Chart
) -> list[Problem]:
    found = []
    if metric.kind is Kind.INTEGER:
        if not is_safe_integer(value):
            found.append(
                _invalid(f"not-an-integer:{name}", name, NOT_AN_INTEGER, value)
            )
    elif not is_finite(value):
        found.append(_invalid(f"not-finite:{name}", name, NOT_A_NUMBER, value))
    own: Rule | Problem | None
    if metric.chart_rule is None:
        own = broken(metric.rule, value)
    else:
        own = metric.chart_rule(value, chart)
    if own is not None:
        found.append(_invalid(f"metric:{name}:{own.code}", name, own.text, value))
    return found


def _enum_problems(
    metric: Metric, name: str, value: object, chart: Chart
) -> list[Problem]:
    if isinstance(value, str) and value in metric.index:
        return []
    return [_invalid(f"enum-unknown:{name}", name, metric.expected_values, value)]


def _graph_problems(
    metric: Metric, name: str, value: object, chart: Chart
) -> list[Problem]:
    if not isinstance(value, list):
        return [_invalid(f"graph-not-an-array:{name}", name, NOT_A_LIST, value)]
    wrong = _bad_point(metric, value)
    if wrong is None:
        return []
    at, rule = wrong
    code = f"graph-element:{name}:{rule.code}"
    return [_invalid(code, f"{name}[{at}]", rule.text, value[at])]


def _bad_point(metric: Metric, points: list[object]) -> tuple[int, Rule] | None:
    """Where a graph first breaks its rule, and the rule."""
    rule, nullable = metric.rule, metric.kind is Kind.NULLABLE_GRAPH
    if rule is None:
        return None
    accepts = rule.accepts
    for i, point in enumerate(points):
        if point is None:
            if not nullable:
                return i, rule
        elif not (is_number(point) and accepts(point)):
            return i, rule
    return None


def _invalid(code: str, name: str, expected: str, value: object) -> Problem:
    return Problem(code, f"Invalid value for {name}, {expected} Got {text(value)}.")


def _surely_number(metric: Metric) -> Callable[[object], bool]:
    if metric.rule is None:
        return lambda value: False
    accepts = metric.rule.accepts
    if metric.kind is Kind.INTEGER:
        return lambda value: type(value) is int and value < 2**32 and accepts(value)
    return lambda value: type(value) is float and is_finite(value) and accepts(value)


def _surely_enum(metric: Metric) -> Callable[[object], bool]:
    index = metric.index
    return lambda value: type(value) is str and value in index


def _surely_graph(metric: Metric) -> Callable[[object], bool]:
    return lambda value: type(value) is list and _bad_point(metric, value) is None


_SURELY_FINE = {
    Kind.INTEGER: _surely_number,
    Kind.DECIMAL: _surely_number,
    Kind.ENUM: _surely_enum,
    Kind.GRAPH: _surely_graph,
    Kind.NULLABLE_GRAPH: _surely_graph,
}
_CHECKS = {
    Kind.INTEGER: _number_check,
    Kind.DECIMAL: _number_check,
    Kind.ENUM: _enum_check,
    Kind.GRAPH: _graph_check,
    Kind.NULLABLE_GRAPH: _graph_check,
}
_PROBLEMS = {
    Kind.INTEGER: _number_problems,
    Kind.DECIMAL: _number_problems,
    Kind.ENUM: _enum_problems,
    Kind.GRAPH: _graph_problems,
    Kind.NULLABLE_GRAPH: _graph_problems,
}
