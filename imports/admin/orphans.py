"""Orphans: rows of imports whose song or chart is not known yet."""

from typing import TYPE_CHECKING, TypedDict

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest

from imports.discards import discard
from imports.models import Orphan
from scores.admin.filters import GameFilter, ImportFilter
from scores.apply_each import apply_each
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import TextFilter
from tachi.admin.formatting import (
    count_of,
    detail_link,
    format_json,
    format_milliseconds,
    shortened,
)
from tachi.admin.read_only import MAX_ROWS, MAX_SECONDS, ReadOnlyAdmin, too_many
from tachi.moderation.pages import acting

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class MissingFilter(TextFilter):
    """By what an orphan's message says is missing: a title, an id, a version."""

    title = "what is missing"
    parameter_name = "missing"
    lookup = "message__icontains"
    hint = "part of the message"


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str


@admin.register(Orphan)
class OrphanAdmin(ReadOnlyAdmin):
    acts = ("imports.revert_import",)
    list_display = ["short_id", "user", "game", "message", "inserted", "import_link"]
    list_select_related = ["user"]
    list_filter = [MissingFilter, UserFilter, GameFilter, ImportFilter]
    search_fields = ["orphan_id"]
    search_help_text = "An orphan id, in full."
    actions = ["discard"]
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

    def has_discard_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.revert_import")

    @admin.action(description="Discard selected orphans", permissions=["discard"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Orphan]) -> None:
        if too_many(queryset):
            text = f"At most {MAX_ROWS} orphans at once."
            self.message_user(request, text, messages.ERROR)
            return
        by = acting(request)
        outcome = apply_each(
            queryset.select_related("user"),
            lambda each: discard(each, by),
            seconds=MAX_SECONDS,
        )
        for orphan, why in outcome.refused:
            text = f"{orphan} of {orphan.user} was not discarded: {why}"
            self.message_user(request, text, messages.WARNING)
        text = f"Discarded {count_of(len(outcome.changed), 'orphan')}."
        self.message_user(request, text, messages.SUCCESS)

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
