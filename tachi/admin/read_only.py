"""Admin pages for rows that only verbs may write.

Nothing can be added, changed or deleted here, and there is no stock action *delete
selected*: whatever can be done to a row is an action that calls its verb.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import (
    ALL_VAR,
    ERROR_FLAG,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
)
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.functional import cached_property

from tachi.admin.filters import Filter, applied
from tachi.admin.formatting import detail_link
from tachi.admin.lists import ListLooks, WholeList, remember
from tachi.admin.looking import SeenByWhoActs

ROWS = 50  # of a page: with its files it is below 150 KB
MAX_ROWS = 100  # that one request works on; more would occupy a web process for long
MAX_SECONDS = 15  # after which a request begins no other row: web servers have timeouts
LIST_PARAMETERS = {ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR}


class CappedPaginator(Paginator):
    """Counts up to `max_count` rows only: tables have millions."""

    object_list: QuerySet
    max_count = 100_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[: self.max_count].count()


class ReadOnlyAdmin(ListLooks, SeenByWhoActs):
    """A list and detail pages. Every `list_filter` is one of `tachi.admin.filters`."""

    ordering = ["-pk"]
    sortable_by = []
    list_per_page = list_max_show_all = ROWS
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """With foreign keys as links for those who may follow them.

        Left to itself, the admin would link to pages that answer 403.
        """
        return [
            (title, {**of, "fields": [self._shown(name) for name in of["fields"]]})
            for title, of in super().get_fieldsets(request, obj)
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list. An address with an unknown parameter leads to the whole list.

        Left to itself, the admin would look up any field that a parameter names.
        """
        if not self.knows_all(request.GET):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        if ERROR_FLAG in request.GET:
            text = "That address made no sense: this is the whole list."
            self.message_user(request, text, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Act on the selected rows. Keys that are no primary keys select nothing."""
        sent = request.POST.copy()
        selected = sent.getlist(ACTION_CHECKBOX_NAME)
        keys = [key for key in selected if key.isdecimal() and len(key) < 19]
        sent.setlist(ACTION_CHECKBOX_NAME, keys)
        request.POST = sent  # type: ignore[assignment]  # Django allows it, not its stubs.
        if sent.get("select_across") == "1":
            count = CappedPaginator(queryset, MAX_ROWS).count
            remember(request, WholeList(count, applied(request, self)))
        return super().response_action(request, queryset, *args, **kwargs)

    def _shown(self, name: Any) -> Any:
        columns = {each.name: each for each in self.opts.fields}
        column = columns.get(name) if isinstance(name, str) else None
        return linked(column) if isinstance(column, ForeignKey) else name

    def knows_all(self, parameters: QueryDict) -> bool:
        """Whether an address has only the filters, order and page of the list."""
        known = LIST_PARAMETERS | {
            each.parameter_name
            for each in self.list_filter
            if isinstance(each, type) and issubclass(each, Filter)
        }
        return all(
            name in known and "\0" not in value for name, value in parameters.items()
        )


@cache
def linked(column: ForeignKey) -> Callable[[Model], str]:
    """A field of a page that shows a foreign key as a link, and is named like it."""
    of = column.remote_field.model._meta

    def value(row: Model) -> str:
        related = getattr(row, column.name)
        key = f"{of.app_label}_{of.model_name}"
        return detail_link(related, key, related and related.pk)

    value.__name__ = column.name
    value.short_description = column.verbose_name  # type: ignore[attr-defined]
    return value


def too_many(queryset: QuerySet) -> bool:
    """Whether there are more rows than one request may work on."""
    return queryset.order_by().values("pk")[: MAX_ROWS + 1].count() > MAX_ROWS
