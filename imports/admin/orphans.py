"""Orphans: rows of imports whose song or chart is not known yet."""

from typing import TYPE_CHECKING, TypedDict

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from imports.models import Orphan
from scores.admin.filters import GameFilter, ImportFilter
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.formatting import (
    detail_link,
    format_json,
    format_milliseconds,
    shortened,
)
from tachi.admin.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str


@admin.register(Orphan)
class OrphanAdmin(ReadOnlyAdmin):
    list_display = ["short_id", "user", "game", "message", "inserted", "import_link"]
    list_select_related = ["user"]
    list_filter = [UserFilter, GameFilter, ImportFilter]
    search_fields = ["orphan_id"]
    search_help_text = "An orphan id, in full."
    fields = [
        "orphan_id",
        "user",
        "source_import",
        "position",
        "game",
        "message",
        "inserted",
        "data_json",
        "context_json",
    ]
    readonly_fields = ["inserted", "data_json", "context_json"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Orphan]:
        orphans = super().get_queryset(request)
        return orphans.annotate(import_id=F("source_import__import_id"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Orphan], search_term: str
    ) -> tuple[QuerySet[Orphan], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(orphan_id=search_term.strip()), False

    @admin.display(description="orphan id")
    def short_id(self, orphan: Orphan) -> str:
        return shortened(orphan.orphan_id)

    def inserted(self, orphan: Orphan) -> str:
        return format_milliseconds(orphan.time_inserted)

    @admin.display(description="import")
    def import_link(self, orphan: "WithAnnotations[Orphan, OfImport]") -> str:
        return detail_link(
            shortened(orphan.import_id), "imports_import", orphan.source_import_id
        )

    @admin.display(description="data")
    def data_json(self, orphan: Orphan) -> str:
        return format_json(orphan.data)

    @admin.display(description="context")
    def context_json(self, orphan: Orphan) -> str:
        return format_json(orphan.source_import.context)
