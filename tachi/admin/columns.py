"""Columns of lists that look the same in all of them: states and times."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model

from tachi.pages.looks import badge, kind_of, relative_time

Column = Callable[[Any], str]


def state_column(name: str) -> Column:
    """A field with choices as a badge, in a column that is called like it."""

    def value(row: Model) -> str:
        label = getattr(row, f"get_{name}_display")()
        return badge(label, kind_of(getattr(row, name)))

    return _named(value, name, name.replace("_", " "))


def time_column(field: str, name: str, title: str = "") -> Column:
    """A time, relative; the exact one, in UTC, on hover."""

    def value(row: Model) -> str:
        return relative_time(getattr(row, field))

    return _named(value, name, title or name)


def _named(value: Column, name: str, title: str) -> Column:
    value.__name__ = name
    shown: Column = admin.display(description=title)(value)
    return shown
