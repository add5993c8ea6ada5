"""How moderators narrow imports down: as `imports.filters` declares, and by state."""

from collections.abc import Mapping

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import capfirst

from imports.filters import BadFilter, ImportFilterSet
from imports.models import Revert, State
from tachi.accounts.admin.filters import USERS_LIKE, UserFilter
from tachi.admin.filters import ChoiceFilter, Filter, Meaningless, TextFilter

#: Parameters of the list's address, where they are not called as the filter is.
PARAMETERS = {"importType": "type", "userAgent": "agent"}


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    lookup = "state"
    values = State.choices


class RevertedByFilter(UserFilter):
    """Imports that a user has reverted, restored since then or not."""

    title = "reverted by"
    parameter_name = "revertedBy"
    lookup = "reverted_by"

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        reverts = super().narrowed(Revert.objects.all(), value)
        return queryset.filter(Exists(reverts.filter(of_import=OuterRef("pk"))))


class DeclaredFilter(Filter):
    """A filter of `imports.filters`, whose name there is `name`."""

    name = ""

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        try:
            found: QuerySet = ImportFilterSet({self.name: value}, queryset).qs
        except BadFilter as error:
            raise Meaningless(error.worded(capfirst(str(self.title)))) from None
        return found


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
        "hint": declared.extra.get("help_text", ""),
        "suggest": USERS_LIKE if name == "user" else "",
    }
    kind = ChoiceFilter if attributes["values"] else TextFilter
    return type(f"{name}Filter", (DeclaredFilter, kind), attributes)


LIST_FILTERS: tuple[type[admin.ListFilter], ...] = (
    StateFilter,
    *map(_list_filter, ImportFilterSet.base_filters),
    RevertedByFilter,
)


def filters_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """The declared filters of a list's address, by name."""
    return {
        name: value
        for name in ImportFilterSet.base_filters
        if (value := parameters.get(parameter(name), "").strip())
    }


def narrower(parameters: Mapping[str, str]) -> bool:
    """Whether a list shows less than the completed imports of its declared filters."""
    state = parameters.get(StateFilter.parameter_name, "").strip()
    by = parameters.get(RevertedByFilter.parameter_name, "").strip()
    return bool(by) or state not in ("", State.COMPLETED)
