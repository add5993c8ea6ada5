"""Admin pages for rows that only verbs may write.

Nothing can be added, changed or deleted here, and there is no stock action *delete
selected*: whatever can be done to a row is an action that calls its verb.
"""

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
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.functional import cached_property

from tachi.admin.filters import ChoiceFilter, TextFilter

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


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and detail pages. Every `list_filter` is one of `tachi.admin.filters`."""

    ordering = ["-pk"]
    sortable_by = []
    list_per_page = list_max_show_all = MAX_ROWS
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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list. An address with an unknown parameter leads to the whole list.

        Left to itself, the admin would look up any field that a parameter names.
        """
        if not self._knows_all(request.GET):
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
        return super().response_action(request, queryset, *args, **kwargs)

    def _knows_all(self, parameters: QueryDict) -> bool:
        known = LIST_PARAMETERS | {
            each.parameter_name
            for each in self.list_filter
            if isinstance(each, type) and issubclass(each, TextFilter | ChoiceFilter)
        }
        return all(
            name in known and "\0" not in value for name, value in parameters.items()
        )


def too_many(queryset: QuerySet) -> bool:
    """Whether there are more rows than one request may work on."""
    return queryset.order_by().values("pk")[: MAX_ROWS + 1].count() > MAX_ROWS
