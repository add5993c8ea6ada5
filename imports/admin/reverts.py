"""Reverts: who reverted which import, when, from where and why."""

from typing import TYPE_CHECKING, TypedDict

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from imports.models import Revert
from scores.admin.filters import ImportFilter
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import ChoiceFilter, TimeFilter
from tachi.admin.formatting import detail_link, format_time, shortened
from tachi.admin.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class RevertedImportFilter(ImportFilter):
    lookup = "of_import__import_id"


class PlayerFilter(UserFilter):
    title = "player"
    parameter_name = "player"
    lookup = "of_import__user"


class ModeratorFilter(UserFilter):
    title = "who reverted"
    parameter_name = "by"
    lookup = "reverted_by"


class OriginFilter(ChoiceFilter):
    title = "origin"
    parameter_name = "origin"
    lookup = "origin"
    values = Revert.Origin.choices


class RestoredFilter(ChoiceFilter):
    title = "restored"
    parameter_name = "restored"
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset: QuerySet[Revert], value: str) -> QuerySet[Revert]:
        found = {"yes": queryset.exclude(restored_at=None)}
        found["no"] = queryset.filter(restored_at=None)
        return found.get(value, queryset.none())


class SinceFilter(TimeFilter):
    title = "reverted since"
    parameter_name = "since"
    lookup = "reverted_at__gte"


class UntilFilter(TimeFilter):
    title = "reverted before"
    parameter_name = "until"
    lookup = "reverted_at__lt"


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str
    player_name: str


@admin.register(Revert)
class RevertAdmin(ReadOnlyAdmin):
    list_display = [
        "reverted",
        "import_link",
        "player",
        "reverted_by",
        "origin",
        "reason",
        "score_count",
        "orphan_count",
        "restored",
        "batch_link",
    ]
    list_select_related = ["reverted_by", "batch"]
    list_filter = [
        PlayerFilter,
        ModeratorFilter,
        OriginFilter,
        RestoredFilter,
        SinceFilter,
        UntilFilter,
        RevertedImportFilter,
    ]
    ordering = ["-reverted_at", "-pk"]
    search_fields = ["reason"]
    search_help_text = "Part of a reason."
    fields = [
        "of_import",
        "reverted",
        "reverted_by",
        "origin",
        "batch",
        "reason",
        "score_count",
        "orphan_count",
        "restored",
        "restored_by",
    ]
    readonly_fields = ["reverted", "restored"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revert]:
        reverts = super().get_queryset(request).defer("snapshot", "batch__preview")
        return reverts.annotate(
            import_id=F("of_import__import_id"),
            player_name=F("of_import__user__username"),
        )

    def reverted(self, revert: Revert) -> str:
        return format_time(revert.reverted_at)

    def restored(self, revert: Revert) -> str:
        return format_time(revert.restored_at)

    @admin.display(description="import")
    def import_link(self, revert: "WithAnnotations[Revert, OfImport]") -> str:
        return detail_link(
            shortened(revert.import_id), "imports_import", revert.of_import_id
        )

    @admin.display(description="batch")
    def batch_link(self, revert: Revert) -> str:
        batch = revert.batch
        label = shortened(batch.batch_id if batch else None)
        return detail_link(label, "imports_revertbatch", revert.batch_id)

    def player(self, revert: "WithAnnotations[Revert, OfImport]") -> str:
        return revert.player_name
