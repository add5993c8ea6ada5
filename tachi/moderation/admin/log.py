"""The moderation log, to look through and to save as CSV; nobody changes it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator

from tachi.accounts.admin.filters import USERS_LIKE
from tachi.accounts.models import User
from tachi.admin.columns import time_column
from tachi.admin.filters import ChoiceFilter, Meaningless, TextFilter, TimeFilter
from tachi.admin.formatting import (
    EMPTY,
    format_json,
    format_time,
    shortened,
)
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation import filters
from tachi.moderation.models import Entry, Origin, Subject, Verb
from tachi.moderation.spreadsheet import lines

SHOWN = 80  # characters of a text in the list
READ_AT_ONCE = 1000  # entries


def known(entries: QuerySet[Entry], name: str) -> QuerySet[Entry]:
    """Entries of somebody. Raises Meaningless where nobody is or was called so."""
    if not User.objects.named(name) and not entries.exists():
        raise Meaningless(f"There is no user “{name}”, and the log names none.")
    return entries


class WhoFilter(TextFilter):
    title = "who did it"
    parameter_name = "by"
    hint = "name"
    suggest = USERS_LIKE

    def narrowed(self, queryset: QuerySet[Entry], value: str) -> QuerySet[Entry]:
        return known(filters.by(queryset, value), value)


class PlayerFilter(TextFilter):
    title = "player"
    parameter_name = "player"
    hint = "name"
    suggest = USERS_LIKE

    def narrowed(self, queryset: QuerySet[Entry], value: str) -> QuerySet[Entry]:
        return known(filters.of_player(queryset, value), value)


class VerbFilter(ChoiceFilter):
    title = "what was done"
    parameter_name = "verb"
    lookup = "verb"
    values = Verb.choices


class OriginFilter(ChoiceFilter):
    title = "from where"
    parameter_name = "origin"
    lookup = "origin"
    values = Origin.choices


class ImportFilter(TextFilter):
    title = "import"
    parameter_name = "import"
    hint = "import id"

    def narrowed(self, queryset: QuerySet[Entry], value: str) -> QuerySet[Entry]:
        return queryset.filter(subject_kind=Subject.IMPORT, subject_id=value.lower())


class BatchFilter(TextFilter):
    title = "batch"
    parameter_name = "batch"
    hint = "batch id"

    def narrowed(self, queryset: QuerySet[Entry], value: str) -> QuerySet[Entry]:
        return filters.of_batch(queryset, value.lower())


class SinceFilter(TimeFilter):
    title = "since"
    parameter_name = "since"
    lookup = "at__gte"


class UntilFilter(TimeFilter):
    title = "before"
    parameter_name = "until"
    lookup = "at__lt"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = [
        time_column("at", "time", "when"),
        "who",
        "origin",
        "verb",
        "subject_text",
        "player_name",
        "short_reason",
        "short_note",
        "batch",
    ]
    list_filter = [
        PlayerFilter,
        WhoFilter,
        VerbFilter,
        OriginFilter,
        ImportFilter,
        BatchFilter,
        SinceFilter,
        UntilFilter,
    ]
    ordering = ["-at", "-pk"]
    fields = [
        "time",
        "by_name",
        "by",
        "origin",
        "verb",
        "subject_kind",
        "subject_id",
        "subject_text",
        "player_name",
        "player",
        "reason",
        "note",
        "batch_id",
        "details_json",
    ]
    readonly_fields = ["time", "details_json"]

    def get_urls(self) -> list[URLPattern]:
        csv = self.admin_site.admin_view(self.csv_view)
        return [path("csv/", csv, name="moderation_entry_csv"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, which says where what it shows is as CSV."""
        query = request.GET.copy()
        query.pop(ERROR_FLAG, None)
        address = reverse("admin:moderation_entry_csv")
        csv_url = f"{address}?{query.urlencode()}" if query else address
        more = {"csv_url": csv_url, **(extra_context or {})}
        return super().changelist_view(request, more)

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """All that the list's filters select, as CSV, sent as it is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not self.knows_all(request.GET):
            url = reverse("admin:moderation_entry_changelist")
            return HttpResponseRedirect(f"{url}?{ERROR_FLAG}=1")
        found = self.get_changelist_instance(request).get_queryset(request)
        response = StreamingHttpResponse(
            lines(found.iterator(READ_AT_ONCE)),
            content_type="text/csv; charset=utf-8",
        )
        name = 'attachment; filename="moderation-log.csv"'
        response["Content-Disposition"] = name
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description="when")
    def time(self, entry: Entry) -> str:
        return format_time(entry.at)

    def who(self, entry: Entry) -> str:
        return entry.by_name or EMPTY

    @admin.display(description="reason")
    def short_reason(self, entry: Entry) -> str:
        return Truncator(entry.reason).chars(SHOWN)

    @admin.display(description="internal note")
    def short_note(self, entry: Entry) -> str:
        return Truncator(entry.note).chars(SHOWN)

    def batch(self, entry: Entry) -> str:
        return shortened(entry.batch_id)

    @admin.display(description="details")
    def details_json(self, entry: Entry) -> str:
        return format_json(entry.details) if entry.details else EMPTY
