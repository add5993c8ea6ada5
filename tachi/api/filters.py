"""What every set of filters has in common.

Whoever filters acts on all that is selected, so a filter that is unknown, empty or
means nothing is an error: it never selects more.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tachi.api.envelope import Refused
from tachi.api.times import parse_time
from tachi.api.validation import one_of, optional, string
from tachi.schema import Check

MILLISECONDS = re.compile(r"[0-9]{9,15}", re.ASCII)
WHEN = "Unix milliseconds, or a time in UTC like `2025-07-31 14:05`."


class BadFilter(ValueError):
    """A filter by which nothing can be selected; `name` is the filter's."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.name = name
        self.text = text

    def worded(self, name: str) -> str:
        """What is wrong, with the filter called as the reader knows it."""
        about_the_filter = self.text[0].islower()
        return f"{name} {self.text}" if about_the_filter else self.text

    def __str__(self) -> str:
        return self.worded(self.name)


class TimeField(forms.CharField):
    """A time as `parse_time` reads it."""

    def clean(self, value: Any) -> datetime:
        try:
            return parse_time(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class YesNoField(forms.ChoiceField):
    def clean(self, value: Any) -> bool:
        return super().clean(value) == "yes"


class TextFilter(django_filters.Filter):
    """`metavar` is what a command's usage calls the value."""

    field_class = forms.CharField
    metavar = "TEXT"


class TimeFilter(TextFilter):
    field_class, metavar = TimeField, "TIME"


class ChoiceFilter(django_filters.Filter):
    field_class = forms.ChoiceField


class YesNoFilter(ChoiceFilter):
    field_class = YesNoField


def choices(values: Iterable[str]) -> dict[str, Any]:
    """The arguments of a ChoiceFilter of these values."""
    return {
        "choices": [(value, value) for value in values],
        "error_messages": {"invalid_choice": "cannot be %(value)r."},
    }


class StrictFilterSet(django_filters.FilterSet):
    """Filters of which several narrow each other down.

    `label` is what a filter is called, `help_text` how its value is written.
    """

    def __init__(self, data: Mapping[str, Any], queryset: QuerySet[Any]) -> None:
        """`data` are the values of the filters that are wanted, by name."""
        super().__init__(data, queryset)
        # What is not there is not asked for; what is there must have a value.
        for name in self.filters.keys() - data.keys():
            del self.filters[name]
        for each in self.filters.values():
            each.field.required = True
            each.field.error_messages["required"] = "is empty."

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name in self.data:
            if name not in self.filters:
                raise BadFilter(name, "is no filter.")
        for name, texts in self.errors.items():
            raise BadFilter(name, texts[0])
        return super().filter_queryset(queryset)

    @classmethod
    def choices(cls, name: str) -> list[tuple[str, str]]:
        """The (value, label) pairs that a filter allows; none where it is a text."""
        return cls.base_filters[name].extra.get("choices", [])

    @classmethod
    def values(cls, name: str) -> list[str]:
        """The values that a filter allows; none where it is a text."""
        return [value for value, _ in cls.choices(name)]

    @classmethod
    def is_flag(cls, name: str) -> bool:
        """Whether the filter has one value only."""
        return len(cls.choices(name)) == 1

    @classmethod
    def query(cls, *names: str) -> dict[str, Check]:
        """These filters as parameters of a query; all where none is named."""
        return {name: cls._parameter(name) for name in names or cls.base_filters}

    @classmethod
    def _parameter(cls, name: str) -> Check:
        declared = cls.base_filters[name]
        allowed = cls.values(name)
        check = one_of(*allowed) if allowed else string(1, 1000)
        text = f"Only what is of this {declared.label}."
        if isinstance(declared, TimeFilter):
            text = f"Only what was {declared.label}. {WHEN}"
        elif isinstance(declared, YesNoFilter):
            text = f"Only what was {declared.label}, or not."
        return optional(check).described(text)


def narrowed(
    filters: type[StrictFilterSet], wanted: Mapping[str, Any], rows: QuerySet[Any]
) -> QuerySet[Any]:
    """The rows that a query's filters leave. Raises Refused (400) for a bad value."""
    given = {
        name: in_utc(value)
        if isinstance(filters.base_filters[name], TimeFilter)
        else value
        for name, value in wanted.items()
    }
    try:
        return filters(given, rows).qs
    except BadFilter as error:
        raise Refused(400, f"[{error.name}] {error}") from None


def in_utc(text: str) -> str:
    """Unix milliseconds as a time that `parse_time` reads; other texts as they are."""
    if not MILLISECONDS.fullmatch(text):
        return text
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return text
