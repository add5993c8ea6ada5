"""The shapes of the documents around a score: song data, chart data, score meta.

    CHART_DATA = document(inGameID=integer(minimum=0), tier=number().or_absent())
    CHART_DATA.problems({"inGameID": -1})  # ["inGameID"]

A problem is the dotted path of what offends. Documents refuse unknown keys.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isnan

from scores.rules.javascript import is_number


@dataclass(frozen=True)
class Schema:
    """What one place of a document may hold; `keys` are those of an object."""

    check: Callable[[object], Iterator[str]]
    nullable: bool = False
    optional: bool = False
    keys: frozenset[str] = frozenset()

    def or_null(self) -> "Schema":
        return replace(self, nullable=True)

    def or_absent(self) -> "Schema":
        return replace(self, optional=True)

    def problems(self, value: object) -> list[str]:
        """The paths of everything that offends; "" is the whole value."""
        return [] if value is None and self.nullable else list(self.check(value))


def string() -> Schema:
    return _plain(lambda value: isinstance(value, str))


def boolean() -> Schema:
    return _plain(lambda value: isinstance(value, bool))


def null() -> Schema:
    return _plain(lambda value: value is None)


def one_of(*values: str) -> Schema:
    return _plain(lambda value: isinstance(value, str) and value in values)


def number(minimum=None, maximum=None, above=None) -> Schema:
    """A number; `minimum` and `maximum` are themselves allowed, `above` is not."""
    return _plain(
        lambda value: (
            is_number(value)
            and not isnan(value)
            and (minimum is None or value >= minimum)
            and (maximum is None or value <= maximum)
            and (above is None or value > above)
        )
    )


def integer(minimum=None, maximum=None, above=None) -> Schema:
    """A whole number; 5.0 is one."""
    bounded = number(minimum, maximum, above)
    return _plain(
        lambda value: (
            not bounded.problems(value) and (type(value) is int or value.is_integer())
        )
    )


def array(of: Schema) -> Schema:
    """A list of any length."""

    def check(value: object) -> Iterator[str]:
        if not isinstance(value, list):
            yield ""
            return
        for i, element in enumerate(value):
            yield from _below(str(i), of.problems(element))

    return Schema(check)


def tuple_of(*schemas: Schema) -> Schema:
    """A list of exactly these."""

    def check(value: object) -> Iterator[str]:
        if not isinstance(value, list) or len(value) != len(schemas):
            yield ""
        if not isinstance(value, list) or len(value) < len(schemas):
            return
        for i, (schema, element) in enumerate(zip(schemas, value, strict=False)):
            yield from _below(str(i), schema.problems(element))

    return Schema(check)


def either(*schemas: Schema) -> Schema:
    """Whatever one of these allows."""
    return _plain(lambda value: any(not each.problems(value) for each in schemas))


def document(fields: dict[str, Schema] | None = None, /, **named: Schema) -> Schema:
    """An object with these keys and no others; `fields` for odd keys."""
    schemas = {**(fields or {}), **named}

    def check(value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield ""
            return
        for key, schema in schemas.items():
            if key in value:
                yield from _below(key, schema.problems(value[key]))
            elif not schema.optional:
                yield key
        yield from (key for key in value if key not in schemas)

    return Schema(check, keys=frozenset(schemas))


def _plain(accepts: Callable[[object], bool]) -> Schema:
    return Schema(lambda value: iter(() if accepts(value) else ("",)))


def _below(key: str, paths: list[str]) -> Iterator[str]:
    return (f"{key}.{path}" if path else key for path in paths)


EMPTY = document()
