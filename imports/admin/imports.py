"""Imports, read-only but for the actions of `imports.admin.actions`."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join

from imports.admin import actions, filters
from imports.admin.import_list import COLUMNS, PRESETS, ImportList
from imports.admin.rows import table_of_rows
from imports.models import Import, ImportQuerySet, State
from imports.progress import progress_document
from tachi.admin.formatting import (
    EMPTY,
    detail_link,
    format_json,
    format_time,
    link,
    list_link,
    shortened,
)
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs, log_link

ERRORS_SHOWN = 100
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
    readonly_fields = [
        "received",
        "started",
        "finished",
        "progress",
        "counts_text",
        "error_list",
        "row_list",
        "class_changes",
        "scores",
        "sessions",
        "orphan_list",
        "class_claims",
        "revert_list",
        "run_again_as",
        "batch_list",
        "log_list",
        "document",
    ]
    fieldsets = [
        (
            None,
            {"fields": ["import_id", "state", "user", "import_type", "game"]},
        ),
        (
            "What it holds now",
            {"fields": ["scores", "sessions", "orphan_list", "class_claims"]},
        ),
        (
            "What it did",
            {"fields": ["counts_text", "error_list", "row_list", "class_changes"]},
        ),
        (
            "Records",
            {
                "fields": [
                    "revert_list",
                    "batch_list",
                    "rerun_of",
                    "run_again_as",
                    "log_list",
                    "document",
                ]
            },
        ),
        (
            "How it came",
            {"fields": ["service", "user_intent", "token", "user_agent"]},
        ),
        (
            "How it went",
            {
                "fields": [
                    "received",
                    "started",
                    "finished",
                    "progress",
                    "sequence",
                    "lease_number",
                    "attempts",
                    "delays",
                    "error_status",
                    "error_text",
                    "error_detail",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        """Without the long columns, which only the detail page shows."""
        imports = super().get_queryset(request)
        return imports.defer(
            "errors", "later_claims", "class_deltas", "error_detail", "problems"
        )

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

    def received(self, import_: Import) -> str:
        return format_time(import_.received_at)

    def started(self, import_: Import) -> str:
        return format_time(import_.started_at)

    def finished(self, import_: Import) -> str:
        return format_time(import_.finished_at)

    def progress(self, import_: Import) -> str:
        if import_.state not in (State.QUEUED, State.RUNNING):
            return EMPTY
        said = progress_document(import_)
        total = said["total"]
        how_far = f" {said['done']} of {total}." if total is not None else ""
        return said["description"] + how_far

    @admin.display(description="counts")
    def counts_text(self, import_: Import) -> str:
        counts = import_.ordered_counts.items()
        return ", ".join(f"{count} {name}" for name, count in counts) or EMPTY

    @admin.display(description="errors")
    def error_list(self, import_: Import) -> str:
        errors = [(each["type"], each["message"]) for each in import_.errors]
        if not errors:
            return EMPTY
        more = max(len(errors), import_.failed_rows) - ERRORS_SHOWN
        shown = errors[:ERRORS_SHOWN] + ([("…", f"and {more} more")] * (more > 0))
        return format_html_join("", "<div><b>{}</b> {}</div>", shown)

    @admin.display(description="rows not imported")
    def row_list(self, import_: Import) -> str:
        """The first of them, and where all rows are."""
        if import_.state != State.COMPLETED:
            return EMPTY
        return table_of_rows(import_)

    @admin.display(description="changes of classes")
    def class_changes(self, import_: Import) -> str:
        return format_json(import_.class_deltas) if import_.class_deltas else EMPTY

    def scores(self, import_: Import) -> str:
        return _rows_link(import_, import_.scores.count(), "scores_score")

    def sessions(self, import_: Import) -> str:
        found = import_.scores.aggregate(count=Count("session", distinct=True))
        return _rows_link(import_, found["count"], "scores_session")

    @admin.display(description="orphans")
    def orphan_list(self, import_: Import) -> str:
        return _rows_link(import_, import_.orphans.count(), "imports_orphan")

    def class_claims(self, import_: Import) -> str:
        count = import_.classes.count()
        return _rows_link(import_, count, "scores_classclaim", state="all")

    @admin.display(description="reverts")
    def revert_list(self, import_: Import) -> str:
        return _rows_link(import_, import_.reverts.count(), "imports_revert")

    def run_again_as(self, import_: Import) -> str:
        rerun = import_.reruns.first()
        if rerun is None:
            return EMPTY
        return detail_link(shortened(rerun.import_id), "imports_import", rerun.pk)

    @admin.display(description="batches")
    def batch_list(self, import_: Import) -> str:
        return _rows_link(
            import_, import_.batch_outcomes.count(), "imports_revertbatch"
        )

    @admin.display(description="moderation log")
    def log_list(self, import_: Import) -> str:
        return log_link(self.acts_on(import_), **{"import": import_.import_id})

    def acts_on(self, import_: Import) -> Q:
        return Q(subject_kind=Subject.IMPORT, subject_id=import_.import_id)

    @admin.display(description="API document")
    def document(self, import_: Import) -> str:
        if import_.state != State.COMPLETED:
            return EMPTY
        url = f"/api/v1/imports/{import_.import_id}"
        return link(url, url)


def _rows_link(import_: Import, count: int, model: str, **more: str) -> str:
    """A count of an import's rows, as a link to their list."""
    return list_link(count, model, **{"import": import_.import_id}, **more)
