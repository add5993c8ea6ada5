"""Imports, read-only but for the actions of `imports.admin.actions`."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from imports.admin import actions, filters, import_page, import_sent
from imports.admin.import_list import COLUMNS, PRESETS, ImportList
from imports.models import Import, ImportQuerySet
from tachi.admin.confirmation import back_to
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs

ROWS = 50  # of a page: each says a lot
HEX = frozenset("0123456789abcdef")
AFTER_HEX = "g"  # sorts after every hex digit


@admin.register(Import)
class ImportAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = COLUMNS
    list_select_related = ["user"]
    list_filter = filters.LIST_FILTERS
    list_per_page = ROWS
    presets, presets_title = PRESETS, "Received"
    search_fields = ["import_id"]
    search_help_text = "An import id, or the beginning of one."
    actions = ["revert", "restore", "run_again", "cancel", "retry"]
    acts = ("imports.revert_import", "imports.restore_import", "imports.cancel_import")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        """Without the long columns, which only the detail page shows."""
        imports = super().get_queryset(request)
        return imports.defer(
            "errors", "later_claims", "class_deltas", "error_detail", "problems"
        )

    def get_urls(self) -> list[Any]:
        """With the address of what was sent, under that of the page."""
        sent = self.admin_site.admin_view(self.sent)
        name = "imports_import_sent"
        return [path("<path:object_id>/sent/", sent, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return import_page.page(self, request, object_id)

    def sent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was sent, to download."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return import_sent.download(request, import_page.found(object_id))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Act on the selected imports, and go back to where that was asked for."""
        response = super().response_action(request, queryset, *args, **kwargs)
        back = back_to(request)
        is_list = getattr(response, "url", None) == request.get_full_path()
        if is_list and back:
            page = reverse("admin:imports_import_change", args=[back])
            return HttpResponseRedirect(page)
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ImportList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Import], search_term: str
    ) -> tuple[QuerySet[Import], bool]:
        """By the first digits of an id.

        As a range, because LIKE does not use the index under every collation.
        """
        start = search_term.strip().lower()
        if not HEX.issuperset(start):
            return queryset.none(), False
        found = queryset.filter(import_id__gte=start, import_id__lt=start + AFTER_HEX)
        return found if start else queryset, False

    def has_revert_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.revert_import")

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.restore_import")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.cancel_import")

    @admin.action(description="Revert selected imports", permissions=["revert"])
    def revert(
        self, request: HttpRequest, queryset: ImportQuerySet
    ) -> HttpResponse | None:
        return actions.revert(self, request, queryset)

    @admin.action(description="Restore selected imports", permissions=["restore"])
    def restore(
        self, request: HttpRequest, queryset: ImportQuerySet
    ) -> TemplateResponse | None:
        return actions.restore(self, request, queryset)

    @admin.action(description="Run selected imports again", permissions=["revert"])
    def run_again(
        self, request: HttpRequest, queryset: ImportQuerySet
    ) -> TemplateResponse | None:
        return actions.run_again(self, request, queryset)

    @admin.action(description="Cancel selected imports", permissions=["cancel"])
    def cancel(
        self, request: HttpRequest, queryset: ImportQuerySet
    ) -> TemplateResponse | None:
        return actions.cancel(self, request, queryset)

    @admin.action(description="Retry selected imports", permissions=["cancel"])
    def retry(
        self, request: HttpRequest, queryset: ImportQuerySet
    ) -> TemplateResponse | None:
        return actions.retry(self, request, queryset)

    def acts_on(self, import_: Import) -> Q:
        return Q(subject_kind=Subject.IMPORT, subject_id=import_.import_id)
