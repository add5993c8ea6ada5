"""What every set of filters has in common.

Whoever filters acts on all that is selected, so a filter that is unknown, empty or
means nothing is an error: it never selects more.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from tachi.api.envelope import Refused
from tachi.api.times import parse_time
from tachi.api.validation import one_of, optional, string
from tachi.schema import Check

MILLISECONDS = re.compile(r"[0-9]{9,15}", re.ASCII)
WHEN = "Unix milliseconds, or a time in UTC like `2025-07-31 14:05`."
MOST_VALUES = 100  # of one filter


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
    """A time as `parse_time` reads it, or unix milliseconds where it is a number."""

    def clean(self, value: Any) -> datetime:
        if type(value) is int:
            value = in_utc(str(value))
        try:
            return parse_time(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None


class YesNoField(forms.ChoiceField):
    def clean(self, value: Any) -> bool:
        return super().clean(value) == "yes"


class Filter(django_filters.Filter):
    """A filter that may be given several values: what matches any of them is left.

    `label` is what a filter is called, `help_text` how its value is written.
    """

    takes_several: ClassVar[bool] = True

    def condition(self, value: Any) -> Q:
        """What a row has to be for one value."""
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(self.condition(value))

    def any_of(self, qs: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        if len(values) == 1:
            return self.filter(qs, values[0])
        return qs.filter(reduce(or_, map(self.condition, values)))


class TextFilter(Filter):
    """`metavar` is what a command's usage calls the value."""

    field_class = forms.CharField
    metavar = "TEXT"


class TimeFilter(TextFilter):
    field_class, metavar, takes_several = TimeField, "TIME", False


class ChoiceFilter(Filter):
    field_class = forms.ChoiceField


class YesNoFilter(ChoiceFilter):
    field_class, takes_several = YesNoField, False


def choices(values: Iterable[str]) -> dict[str, Any]:
    """The arguments of a ChoiceFilter of these values."""
    return {
        "choices": [(value, value) for value in values],
        "error_messages": {"invalid_choice": "cannot be %(value)r."},
    }


class StrictFilterSet(django_filters.FilterSet):
    """Filters of which several narrow each other down."""

    def __init__(self, data: Mapping[str, Any], queryset: QuerySet[Any]) -> None:
        """`data` are the values of the filters that are wanted, by name: a text each,
        or a list of texts, of which any will do.

        Yes or no may be a boolean, and a time a number: unix milliseconds.
        """
        super().__init__(data, queryset)
        self.wanted = data  # FilterSet takes an empty dictionary for none
        for each in self.filters.values():
            each.field.required = True
            each.field.error_messages["required"] = "is empty."

    @property
    def qs(self) -> Any:
        """The rows that are left. Raises BadFilter."""
        rows = self.queryset.all()
        for name, values in self.cleaned().items():
            rows = self.filters[name].any_of(rows, values)
        return rows

    def cleaned(self) -> dict[str, list[Any]]:
        """What the values mean (a User, a moment), by name. Raises BadFilter."""
        return {name: self._cleaned(name, sent) for name, sent in self.wanted.items()}

    def _cleaned(self, name: str, sent: Any) -> list[Any]:
        declared = self.filters.get(name)
        if declared is None:
            raise BadFilter(name, "is no filter.")
        texts = sent if isinstance(sent, list | tuple) else [sent]
        if not texts:
            raise BadFilter(name, "is empty.")
        if len(texts) > 1 and not self.takes_several(name):
            raise BadFilter(name, "takes one value only.")
        if len(texts) > MOST_VALUES:
            raise BadFilter(name, f"takes at most {MOST_VALUES} values.")
        try:
            return [declared.field.clean(self._text(name, each)) for each in texts]
        except ValidationError as error:
            raise BadFilter(name, error.messages[0]) from None

    def _text(self, name: str, value: Any) -> Any:
        """A value as a field reads it; JSON has booleans and numbers, too."""
        if isinstance(value, bool) and "yes" in self.values(name):
            return "yes" if value else "no"
        if type(value) is int and isinstance(self.base_filters[name], TimeFilter):
            return value
        if value is not None and not isinstance(value, str):
            raise BadFilter(name, "has to be a text or a list of texts.")
        return value

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
    def takes_several(cls, name: str) -> bool:
        """Whether the filter may be given a list of several values."""
        declared = cls.base_filters[name]
        return declared.takes_several and not cls.is_flag(name)

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
