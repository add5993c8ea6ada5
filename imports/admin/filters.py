"""How moderators narrow imports down: as `imports.filters` declares, and by state."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages

from imports.filters import BadFilter, ImportFilterSet
from imports.models import ImportQuerySet, State
from tachi.admin.filters import ChoiceFilter, TextFilter

#: Parameters of the list's address, where they are not called as the filter is.
PARAMETERS = {"importType": "type", "userAgent": "agent"}


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    lookup = "state"
    values = State.choices


class DeclaredFilter(admin.ListFilter):
    """A filter of `imports.filters`, whose name there is `name`.

    An invalid value selects nothing, with a message.
    """

    name = ""

    def narrowed(self, queryset: ImportQuerySet, value: str) -> ImportQuerySet:
        try:
            return ImportFilterSet({self.name: value}, queryset).qs
        except BadFilter as error:
            messages.warning(self.request, error.worded(str(self.title)))
            return queryset.none()


def parameter(name: str) -> str:
    """What a declared filter is called in the list's address."""
    return PARAMETERS.get(name, name)


def _list_filter(name: str) -> type[DeclaredFilter]:
    declared = ImportFilterSet.base_filters[name]
    attributes = {
        "name": name,
        "title": declared.label,
        "parameter_name": parameter(name),
        "values": ImportFilterSet.choices(name),
        "hint": declared.extra.get("help_text"),
    }
    kind = ChoiceFilter if attributes["values"] else TextFilter
    return type(f"{name}Filter", (DeclaredFilter, kind), attributes)


LIST_FILTERS: tuple[type[admin.ListFilter], ...] = (
    StateFilter,
    *map(_list_filter, ImportFilterSet.base_filters),
)


def filters_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """The declared filters of a list's address, by name."""
    return {
        name: value
        for name in ImportFilterSet.base_filters
        if (value := parameters.get(parameter(name)))
    }


def as_parameters(filters: Mapping[str, Any]) -> dict[str, str]:
    """The address of the list that declared filters select; empty where none does.

    A list takes one value of each.
    """
    found = {}
    for name, value in filters.items():
        values = value if isinstance(value, list) else [value]
        if len(values) != 1:
            return {}
        (one,) = values
        said = ("yes" if one else "no") if isinstance(one, bool) else str(one)
        found[parameter(name)] = said
    return {"state": State.COMPLETED, **found} if found else {}
