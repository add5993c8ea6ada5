"""Rows of imports that wait for their song or chart."""

from django.contrib import admin
from django.db.models import F

from imports.models import Orphan
from scores.admin.filters import GameFilter, ImportFilter
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.formatting import detail, pretty, short, utc
from tachi.admin.read_only import ReadOnlyAdmin


@admin.register(Orphan)
class OrphanAdmin(ReadOnlyAdmin):
    list_display = ["short_id", "user", "game", "message", "inserted", "of_import"]
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
        "sent",
        "surroundings",
    ]
    readonly_fields = ["inserted", "sent", "surroundings"]

    def get_queryset(self, request):
        orphans = super().get_queryset(request)
        return orphans.annotate(import_id=F("source_import__import_id"))

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        return queryset.filter(orphan_id=search_term.strip()), False

    @admin.display(description="orphan id")
    def short_id(self, orphan):
        return short(orphan.orphan_id)

    def inserted(self, orphan):
        return utc(orphan.time_inserted)

    @admin.display(description="import")
    def of_import(self, orphan):
        return detail(
            short(orphan.import_id), "imports_import", orphan.source_import_id
        )

    @admin.display(description="data")
    def sent(self, orphan):
        return pretty(orphan.data)

    @admin.display(description="context")
    def surroundings(self, orphan):
        return pretty(orphan.context)
