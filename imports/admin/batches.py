"""Batches of reverts: listed, each with a page of its own."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html, format_html_join

from imports.admin import batch_page, batch_restore
from imports.admin.batch_verbs import MAY, restore_url_of
from imports.batches.documents import BatchListing, batch_listings
from imports.batches.possible import needing_administrator, possible
from imports.batches.verdicts import by_outcome, number_of
from imports.models import Origin, RevertBatch
from imports.rules.meaning import in_words
from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.authentication import user_of
from tachi.admin.filters import ChoiceFilter, TextFilter
from tachi.admin.formatting import EMPTY, link, shortened
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs
from tachi.pages.looks import badge, relative_time


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
        may = request.user.has_perm(MAY)
        others = needing_administrator(batches, user_of(request)) if may else set()
        for batch, listing in zip(batches, batch_listings(batches), strict=True):
            batch.listing = listing
            can_be = "restore" in possible(batch, listing)
            batch.can_restore = may and can_be and batch.pk not in others
        self.result_list = batches


@admin.register(RevertBatch)
class RevertBatchAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        "short_id",
        "status",
        "made",
        "size",
        "came",
        "what",
        "reason",
        "restore",
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
    acts = (MAY,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevertBatch]:
        return super().get_queryset(request).defer("preview")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def get_urls(self) -> list[Any]:
        """The pages, and the one that asks whether a batch is to be restored."""
        restore = path(
            "<path:object_id>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name="imports_revertbatch_restore",
        )
        return [restore, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A batch's page: what it would do, how far it is, and what can be done."""
        return batch_page.answer(self, request, object_id)

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would come back; confirmed, the batch is restored."""
        return batch_restore.answer(self, request, object_id)

    def acts_on(self, batch: RevertBatch) -> Q:
        """Those on the batch itself; its imports' are in the log, as its page says."""
        return Q(subject_kind=Subject.BATCH, subject_id=batch.batch_id)

    @admin.display(description="batch")
    def short_id(self, batch: RevertBatch) -> str:
        return shortened(batch.batch_id)

    @admin.display(description="state")
    def status(self, batch: RevertBatch) -> str:
        """As a badge; what is run again, and what is held, says so."""
        more = [batch.get_kind_display()] if batch.kind != batch.Kind.REVERT else []
        more += ["Held"] if batch.held else []
        badges = format_html_join(" ", "{}", ((badge(each, "news"),) for each in more))
        return format_html("{} {}", badge(batch.get_state_display()), badges)

    def made(self, batch: RevertBatch) -> str:
        by = batch.created_by_name or "an operator"
        whence = {Origin.API: ", by the API", Origin.COMMAND: ", by a command"}
        from_ = whence.get(Origin(batch.origin), "")
        return format_html("{} by {}{}", relative_time(batch.created_at), by, from_)

    @admin.display(description="imports")
    def size(self, batch: RevertBatch) -> str:
        players = number_of(listing_of(batch)["players"], "player")
        return f"{batch.imports:,} of {players}"

    @admin.display(description="what came of it")
    def came(self, batch: RevertBatch) -> str:
        """ "43 reverted, 3 failed"."""
        if batch.state == RevertBatch.State.DRAFT:
            return EMPTY
        counts = by_outcome(listing_of(batch)).items()
        return ", ".join(f"{n:,} {state}" for state, n in counts if n) or EMPTY

    @admin.display(description="filters")
    def what(self, batch: RevertBatch) -> str:
        return in_words(batch.filters) or "chosen one by one"

    @admin.display(description="restore")
    def restore(self, batch: RevertBatch) -> str:
        if not vars(batch)["can_restore"]:
            return ""
        label = format_html(
            'Restore…<span class="unseen"> batch {}</span>', shortened(batch.batch_id)
        )
        return link(label, restore_url_of(batch))


def listing_of(batch: RevertBatch) -> BatchListing:
    """What `Listed` has counted of it."""
    return cast("BatchListing", vars(batch)["listing"])
