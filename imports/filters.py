"""By what imports are selected: one declaration for commands, admin and API.

A filter's name is that of the API. Whoever selects imports acts on all of them, so a
filter that is unknown, empty or means nothing is an error: it never selects more.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from imports.formats import FORMATS
from imports.models import ImportQuerySet
from scores.games import PLAYTYPES
from tachi.accounts.models import PREFIX_LENGTH, User
from tachi.api.times import TIME_EXAMPLE, parse_time


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


class UserField(forms.CharField):
    """The name of a user, in any case."""

    def clean(self, value: Any) -> User:
        name = super().clean(value)
        user = User.objects.named(name)
        if user is None:
            raise ValidationError(f"There is no user {name!r}.")
        return user


class TokenField(forms.CharField):
    """An API token, of which only the beginning is stored in clear."""

    def clean(self, value: Any) -> str:
        return super().clean(value)[:PREFIX_LENGTH]


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


class UserFilter(TextFilter):
    field_class, metavar = UserField, "NAME"


class TokenFilter(TextFilter):
    field_class, metavar = TokenField, "PREFIX"


class TimeFilter(TextFilter):
    field_class, metavar = TimeField, "TIME"


class ChoiceFilter(django_filters.Filter):
    field_class = forms.ChoiceField


class YesNoFilter(ChoiceFilter):
    field_class = YesNoField


class ErrorsFilter(ChoiceFilter):
    """Imports some of whose rows were not imported; yes is the only value."""

    def filter(self, qs: ImportQuerySet, value: str) -> ImportQuerySet:
        return qs.exclude(errors=[])


def _choices(values: Iterable[str]) -> dict[str, Any]:
    return {
        "choices": [(value, value) for value in values],
        "error_messages": {"invalid_choice": "cannot be %(value)r."},
    }


class ImportFilterSet(django_filters.FilterSet):
    """The filters; several narrow each other down.

    `label` is what a filter is called, `help_text` how its value is written.
    """

    user = UserFilter(label="user", help_text="name")
    since = TimeFilter(
        "received_at", "gte", label="received since", help_text=TIME_EXAMPLE
    )
    until = TimeFilter(
        "received_at", "lt", label="received before", help_text=TIME_EXAMPLE
    )
    userAgent = TextFilter(
        "user_agent", "icontains", label="user agent", help_text="part of its name"
    )
    token = TokenFilter(
        "token__prefix",
        "startswith",
        label="API token",
        help_text=f"its first {PREFIX_LENGTH} digits",
    )
    service = TextFilter(
        label="service", help_text="exactly as it was sent", strip=False
    )
    importType = ChoiceFilter("import_type", label="type", **_choices(sorted(FORMATS)))
    game = ChoiceFilter(label="game", **_choices(sorted(PLAYTYPES)))
    intent = YesNoFilter(
        "user_intent", label="sent on purpose", **_choices(["yes", "no"])
    )
    hasErrors = ErrorsFilter(label="has errors", **_choices(["yes"]))

    def __init__(self, data: Mapping[str, Any], queryset: ImportQuerySet) -> None:
        """`data` are the values of the filters that are wanted, by name."""
        super().__init__(data, queryset)
        # What is not there is not asked for; what is there must have a value.
        for name in self.filters.keys() - data.keys():
            del self.filters[name]
        for each in self.filters.values():
            each.field.required = True
            each.field.error_messages["required"] = "is empty."

    def filter_queryset(self, queryset: ImportQuerySet) -> ImportQuerySet:
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


def option(name: str) -> str:
    """A filter as an option of commands: `importType` is `--import-type`."""
    return "--" + re.sub("([A-Z])", r"-\1", name).lower()
