"""Checks of a document's shape, which say where it is wrong in the words of the wire.

A check takes a value, or ABSENT, and answers with None or the first Problem in it.
They are built once (for one game, say) and then called for every value.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from scores.rules.javascript import MAX_SAFE_INTEGER, text, utf16_length
from scores.rules.metrics import NOT_A_LIST, Kind, Metric

LONGEST_TEXT = 2000
NOT_AN_OBJECT = (
    "Object does not match structure of schema,"
    " expected this location to have an object."
)


class Absent:
    """Where a document has no value at all."""

    def __str__(self) -> str:
        return "undefined"


ABSENT = Absent()


class Problem(NamedTuple):
    """`path` leads from the checked value to the offending one: ".optional.bp"."""

    path: str
    message: str
    value: Any


Check = Callable[[Any], Problem | None]


def description(foreword: str, problem: Problem) -> str:
    """The problem as a sender reads it, cut where it would be endless."""
    path = problem.path.removeprefix(".") or "null"
    parts = [path, problem.message, *_received(problem.value)]
    told = f"{foreword}: {' | '.join(parts)}."
    return told if len(told) <= LONGEST_TEXT else told[: LONGEST_TEXT - 3] + "..."


def document(
    required: dict[str, Check], optional: dict[str, Check] | None = None
) -> Check:
    """An object with these keys, checked in this order, and no others.

    The optional ones may be missing or null.
    """
    optional = optional or {}
    known = required.keys() | optional.keys()
    check_fields = _fields(tuple(required.items()), tuple(optional.items()))

    def check(value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return Problem("", NOT_AN_OBJECT, value)
        problem = check_fields(value)
        if problem is None and not value.keys() <= known:
            unknown = ", ".join(name for name in value if name not in known)
            message = f"Unexpected properties inside object: {unknown}."
            return Problem("", message, value)
        return problem

    return check


def list_of(check_element: Check) -> Check:
    def check(value: Any) -> Problem | None:
        if not isinstance(value, list):
            return Problem("", NOT_A_LIST, value)
        for i, element in enumerate(value):
            problem = check_element(element)
            if problem is not None:
                return problem._replace(path=f"[{i}]{problem.path}")
        return None

    return check


def string(value: Any) -> Problem | None:
    return None if isinstance(value, str) else Problem("", "Expected string.", value)


def optional_string(value: Any) -> Problem | None:
    if isinstance(value, str):
        return None
    return Problem("", "Expected *?string, null or no value.", value)


def bounded_string(shortest: int, longest: int) -> Check:
    """A text of so many UTF-16 code units."""
    message = f"Expected a string with length between {shortest} and {longest}."

    def check(value: Any) -> Problem | None:
        if isinstance(value, str) and shortest <= utf16_length(value) <= longest:
            return None
        return Problem("", message, value)

    return check


def one_of(values: Collection[str]) -> Check:
    allowed = frozenset(values)
    message = f"Expected any of {', '.join(values)}."

    def check(value: Any) -> Problem | None:
        if isinstance(value, str) and value in allowed:
            return None
        return Problem("", message, value)

    return check


def metric(of: Metric) -> Check:
    """A metric's value, whatever the chart; a bad point of a graph is named."""
    if of.kind in (Kind.GRAPH, Kind.NULLABLE_GRAPH):
        return _graph(of)

    plain = _is_plain(of)

    def check(value: Any) -> Problem | None:
        if plain(value):
            return None
        message = of.problem(value)
        return None if message is None else Problem("", message, value)

    return check


def type_name(value: Any) -> str:
    """What JavaScript's typeof says, but "null" for null."""
    if value is None:
        return "null"
    for name, types in _TYPE_NAMES:
        if isinstance(value, types):
            return name
    return "object"


_TYPE_NAMES = (
    ("boolean", bool),
    ("number", int | float),
    ("string", str),
    ("undefined", Absent),
)


def _fields(
    required: tuple[tuple[str, Check], ...], optional: tuple[tuple[str, Check], ...]
) -> Check:
    def check(value: dict) -> Problem | None:
        for name, check_field in required:
            problem = check_field(value.get(name, ABSENT))
            if problem is not None:
                return problem._replace(path=f".{name}{problem.path}")
        for name, check_field in optional:
            given = value.get(name)
            if given is not None and (problem := check_field(given)) is not None:
                return problem._replace(path=f".{name}{problem.path}")
        return None

    return check


def _is_plain(of: Metric) -> Callable[[Any], bool]:
    """Whether a value is certainly right: the short way for nearly every value."""
    if of.kind is Kind.ENUM:
        known = frozenset(of.values)
        return lambda value: type(value) is str and value in known
    accepts = of.rule.accepts if of.rule else _anything
    return lambda value: (
        type(value) is int
        and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER
        and accepts(value)
    )


def _anything(value: Any) -> bool:
    return True


def _graph(of: Metric) -> Check:
    """A list; the metric judges it whole, and point by point once it is wrong."""

    def check(value: Any) -> Problem | None:
        message = of.problem(value)
        if message is None or not isinstance(value, list):
            return None if message is None else Problem("", message, value)
        at = next(i for i, point in enumerate(value) if of.problem([point]))
        return Problem(f"[{at}]", message, value[at])

    return check


def _received(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return []
    return [f"Received {text(value)} [type: {type_name(value)}]"]
