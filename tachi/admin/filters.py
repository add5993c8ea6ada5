"""List filters that stay small and quick, however many values there are.

Each has a `parameter_name`, its name in the address, and a `lookup`. An invalid value
selects nothing, and never everything: moderators act on all that a list shows.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from tachi.api.times import TIME_EXAMPLE, parse_time


class TextFilter(admin.ListFilter):
    """A box to type into; empty, it does not filter."""

    template = "admin/text_filter.html"
    parameter_name = ""
    lookup = ""
    hint = ""

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: admin.ModelAdmin,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        values = params.pop(self.parameter_name, [""])
        self.text = values[-1].strip()
        if self.text:
            self.used_parameters[self.parameter_name] = self.text

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """The other parameters of the address, which the form sends along."""
        for name, value in changelist.params.items():
            if name != self.parameter_name:
                yield {"name": name, "value": value}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return self.narrowed(queryset, self.text) if self.text else queryset

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows that match a value."""
        return queryset.filter(**{self.lookup: value})


class TimeFilter(TextFilter):
    """By a date or a time, in UTC unless it names an offset."""

    hint = TIME_EXAMPLE

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        try:
            moment = parse_time(value)
        except ValueError as error:
            messages.warning(self.request, str(error))
            return queryset.none()
        return queryset.filter(**{self.lookup: moment})


class ChoiceFilter(admin.SimpleListFilter):
    """By one of a few values; `values` are pairs of value and label."""

    lookup = ""
    values: list[tuple[str, str]] = []

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, str]]:
        return self.values

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset if value is None else self.narrowed(queryset, value)

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows that match a value."""
        return queryset.filter(**{self.lookup: value})
