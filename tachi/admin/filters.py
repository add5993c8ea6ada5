"""List filters that stay small and quick, however many values there are.

Each has a `parameter_name`, its name in the address, and a `lookup`. They are fields of
one form (`admin/list_filters.html`). An invalid value selects nothing, and never
everything: moderators act on all that a list shows.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from tachi.api.times import TIME_EXAMPLE, parse_time


class Meaningless(ValueError):
    """A value by which nothing can be selected; its text says why."""


class Filter(admin.ListFilter):
    """A field of a list's form; empty, it does not filter.

    `text` is what was asked for, `problem` why that selects nothing. `hint` is how a
    value is written, `values` are pairs of value and label where there are few.
    `suggest` is an address of the API that lists users whose name contains what is
    typed; `default` is what an empty field means.
    """

    parameter_name = ""
    lookup = ""
    hint = ""
    suggest = ""
    default = ""
    values: list[tuple[str, str]] = []

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: admin.ModelAdmin,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        given = params.pop(self.parameter_name, [""])[-1].strip()
        self.is_set = bool(given)
        self.text = given or self.default
        self.problem = ""
        if given:
            self.used_parameters[self.parameter_name] = given

    @property
    def is_known(self) -> bool:
        """Whether the value is one of the few, where there are few."""
        return not (self.text and self.values) or self.text in dict(self.values)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """None of Django's, each of which would be a link of its own."""
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows that are left: none, and a message, where the value is no value."""
        if not self.text:
            return queryset
        try:
            if not self.is_known:
                text = f"{capfirst(self.title)} cannot be “{self.text}”."
                raise Meaningless(text)
            return self.narrowed(queryset, self.text)
        except Meaningless as error:
            self.problem = str(error)
            if request.method == "GET":
                messages.warning(request, self.problem)
            return queryset.none()

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        """The rows that match a value. Raises Meaningless."""
        return queryset.filter(**{self.lookup: value})

    def __str__(self) -> str:
        """What is asked for: "game iidx", "received since 1 hour ago"."""
        return f"{self.title} {dict(self.values).get(self.text, self.text)}"


class TextFilter(Filter):
    """A field to type into."""


class TimeFilter(TextFilter):
    """By a date or a time, in UTC unless it names an offset."""

    hint = TIME_EXAMPLE

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        try:
            moment = parse_time(value)
        except ValueError as error:
            raise Meaningless(str(error)) from None
        return queryset.filter(**{self.lookup: moment})


class ChoiceFilter(Filter):
    """By one of a few `values`."""


def applied(request: HttpRequest, model_admin: admin.ModelAdmin) -> list[str]:
    """By what a list's address narrows it down, in words; no statement is made."""
    parameters = dict(request.GET.lists())
    filters: Iterable[Any] = model_admin.get_list_filter(request)
    specs = [
        each(request, parameters, model_admin.model, model_admin) for each in filters
    ]
    return in_words(specs, request.GET.get(SEARCH_VAR, ""))


def in_words(specs: Iterable[Filter], search: str) -> list[str]:
    """What is asked for by filters and in the search box: "game iidx", "“1a2b”"."""
    said = [str(each) for each in specs if each.is_set]
    return said + ([f"search for “{search.strip()}”"] if search.strip() else [])
