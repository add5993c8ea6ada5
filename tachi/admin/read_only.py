"""Admin pages for rows that only verbs may write.

There is nothing to add, change or delete, hence no stock *delete selected* either:
what can be done to a row is an action that calls its verb.
"""

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
from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.utils.functional import cached_property

MOST_AT_ONCE = 100  # rows that one request works on; more would tie up a web process
# Seconds after which a request begins no other row: web processes have a time limit.
SECONDS_AT_ONCE = 15
OF_EVERY_LIST = {ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR}


class CappedPaginator(Paginator):
    """Counts no further than anybody leafs: tables have millions of rows."""

    MOST = 100_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[: self.MOST].count()


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and detail pages. Every `list_filter` is one of `tachi.admin.filters`."""

    ordering = ["-pk"]
    sortable_by = []
    list_per_page = list_max_show_all = MOST_AT_ONCE
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        """A list that is filtered by what we understand, or says that it is not."""
        if not self._is_understood(request.GET):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        if ERROR_FLAG in request.GET:
            text = "That address made no sense: this is the whole list."
            self.message_user(request, text, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def response_action(self, request, queryset):
        """Acts on the selected rows; what is no row's key selects nothing."""
        request.POST = request.POST.copy()
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        keys = [key for key in selected if key.isdecimal() and len(key) < 19]
        request.POST.setlist(ACTION_CHECKBOX_NAME, keys)
        return super().response_action(request, queryset)

    def _is_understood(self, parameters) -> bool:
        ours = {each.parameter_name for each in self.list_filter} | OF_EVERY_LIST
        return all(
            name in ours and "\0" not in value for name, value in parameters.items()
        )


def too_many(queryset: QuerySet) -> bool:
    """Are there more rows than one request should work on?"""
    return queryset.order_by().values("pk")[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE
