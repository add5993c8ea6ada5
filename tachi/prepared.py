"""Queries whose SQL is made once. Django makes it anew for each query, which takes two
to five times as long as the database takes to answer one by an index.

For what every play or request asks, and for nothing else: elsewhere it hardly matters.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler

Row = Sequence[Any]
MOST_VALUES = 4  # of a list, for each of whose lengths the SQL is another


class Place(NamedTuple):
    """Where a value comes into the SQL: which parameter, and which of its values."""

    parameter: int
    at: int | None = None


class Made(NamedTuple):
    """SQL with its parameters, some of which are places; and what makes values of it.

    `converters` are Django's, by column.
    """

    sql: str
    parameters: tuple[Any, ...]
    compiler: SQLCompiler
    converters: dict[int, Any]


class Prepared:
    """A function that makes a queryset of rows (`values_list`) of some values.

    Called, it gives the rows. The values have to be as the database takes them (no
    dates, a hash as its bytes); one may be a list, for `__in`.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self.make = make
        self.made: dict[Any, Made] = {}
        update_wrapper(self, make)

    def __call__(self, *values: Any) -> Iterable[Row]:
        lengths = tuple(
            len(value) if isinstance(value, list) else None for value in values
        )
        if any(length is not None and length > MOST_VALUES for length in lengths):
            return self.make(*values)
        key = (connection.vendor, lengths)
        made = self.made.get(key)
        if made is None:
            made = self.made[key] = self._make(lengths)
        parameters = [
            value_at(values, each) if isinstance(each, Place) else each
            for each in made.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, parameters)
            rows = cursor.fetchall()
        return made.compiler.apply_converters(rows, made.converters)

    def _make(self, lengths: Sequence[int | None]) -> Made:
        places = [
            Value(Place(n))
            if length is None
            else [Value(Place(n, at)) for at in range(length)]
            for n, length in enumerate(lengths)
        ]
        query = self.make(*places).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        return Made(sql, tuple(parameters), compiler, converters)


def value_at(values: Sequence[Any], place: Place) -> Any:
    value = values[place.parameter]
    return value if place.at is None else value[place.at]
