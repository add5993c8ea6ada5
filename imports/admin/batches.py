"""Batches of reverts: listed, each with a page of its own."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from imports.admin import batch_page
from imports.batches.documents import BatchListing, batch_listings
from imports.models import Origin, RevertBatch
from imports.rules.meaning import in_words
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import ChoiceFilter, TextFilter
from tachi.admin.formatting import format_time, shortened
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    lookup = "state"
    values = RevertBatch.State.choices


class OriginFilter(ChoiceFilter):
    title = "origin"
    parameter_name = "origin"
    lookup = "origin"
    values = Origin.choices


class SizeFilter(ChoiceFilter):
    """Every revert has a batch, also that of a single import."""

    title = "size"
    parameter_name = "size"
    values = [("one", "One import"), ("many", "Several imports")]

    def narrowed(
        self, queryset: QuerySet[RevertBatch], value: str
    ) -> QuerySet[RevertBatch]:
        found = {"one": queryset.filter(imports=1)}
        found["many"] = queryset.filter(imports__gt=1)
        return found.get(value, queryset.none())


class MakerFilter(UserFilter):
    title = "who made it"
    parameter_name = "by"
    lookup = "created_by"


class PlayerFilter(UserFilter):
    title = "player"
    parameter_name = "player"
    lookup = "players__user"


class ImportFilter(TextFilter):
    title = "import"
    parameter_name = "import"
    lookup = "outcomes__import_id"
    hint = "id of an import"


class Listed(ChangeList):
    """The page of a list, with what is counted of all its batches at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        batches = list(self.result_list)
        for batch, listing in zip(batches, batch_listings(batches), strict=True):
            batch.listing = listing
        self.result_list = batches


@admin.register(RevertBatch)
class RevertBatchAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        "short_id",
        "state",
        "kind",
        "made",
        "maker",
        "origin",
        "imports",
        "reverted",
        "refused",
        "failed",
        "player_count",
        "what",
        "reason",
    ]
    list_filter = [
        StateFilter,
        SizeFilter,
        PlayerFilter,
        MakerFilter,
        OriginFilter,
        ImportFilter,
    ]
    search_fields = ["batch_id__startswith", "reason", "note"]
    search_help_text = "The beginning of a batch's id, part of a reason or note."
    ordering = ["-created_at", "-pk"]
    acts = ("imports.bulk_revert",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevertBatch]:
        return super().get_queryset(request).defer("preview")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A batch's page: what it would do, how far it is, and what can be done."""
        return batch_page.answer(self, request, object_id)

    def acts_on(self, batch: RevertBatch) -> Q:
        """Those on the batch itself; its imports' are in the log, as its page says."""
        return Q(subject_kind=Subject.BATCH, subject_id=batch.batch_id)

    @admin.display(description="batch")
    def short_id(self, batch: RevertBatch) -> str:
        return shortened(batch.batch_id)

    def made(self, batch: RevertBatch) -> str:
        return format_time(batch.created_at)

    @admin.display(description="by")
    def maker(self, batch: RevertBatch) -> str:
        return batch.created_by_name

    @admin.display(description="filters")
    def what(self, batch: RevertBatch) -> str:
        return in_words(batch.filters)

    def reverted(self, batch: RevertBatch) -> int:
        return listing_of(batch)["reverted"]

    def refused(self, batch: RevertBatch) -> int:
        return listing_of(batch)["refused"]

    def failed(self, batch: RevertBatch) -> int:
        return listing_of(batch)["failed"]

    @admin.display(description="players")
    def player_count(self, batch: RevertBatch) -> int:
        return listing_of(batch)["players"]


def listing_of(batch: RevertBatch) -> BatchListing:
    """What `Listed` has counted of it."""
    return cast("BatchListing", vars(batch)["listing"])
