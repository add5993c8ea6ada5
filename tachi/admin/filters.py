"""List filters that stay small and quick, however many values there are.

Each has a `parameter_name`, its name in the address, and a `lookup`. A value that
means nothing finds nothing: never more than was asked for, as one acts on the result.
"""

from datetime import UTC

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

ISO = forms.DateTimeField(input_formats=["%Y-%m-%d"])


class TextFilter(admin.ListFilter):
    """A box to type into."""

    template = "admin/text_filter.html"
    parameter_name = ""
    lookup = ""
    hint = ""

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        values = params.pop(self.parameter_name, [""])
        self.value = values[-1].strip()
        if self.value:
            self.used_parameters[self.parameter_name] = self.value

    def has_output(self):
        return True

    def expected_parameters(self):
        return [self.parameter_name]

    def choices(self, changelist):
        """The other parameters of the address, for the form to keep."""
        for name, value in changelist.params.items():
            if name != self.parameter_name:
                yield {"name": name, "value": value}

    def queryset(self, request, queryset):
        return self.narrowed(queryset) if self.value else queryset

    def narrowed(self, queryset: QuerySet) -> QuerySet:
        """The rows that match the value; there is one."""
        return queryset.filter(**{self.lookup: self.value})


class TimeFilter(TextFilter):
    """By a date or a time, in UTC unless it names an offset."""

    hint = "2025-07-31 14:05"

    def narrowed(self, queryset):
        try:
            moment = ISO.clean(self.value).astimezone(UTC)
        except (ValidationError, OverflowError):
            text = f"“{self.value}” is no time: write it like {self.hint}, in UTC."
            messages.warning(self.request, text)
            return queryset.none()
        return queryset.filter(**{self.lookup: moment})


class ChoiceFilter(admin.SimpleListFilter):
    """By one of a few values; `values` are pairs of value and label."""

    lookup = ""
    values = []

    def lookups(self, request, model_admin):
        return self.values

    def queryset(self, request, queryset):
        value = self.value()
        return queryset if value is None else self.narrowed(queryset, value)

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows that match a value."""
        return queryset.filter(**{self.lookup: value})
