"""Imports. They are made by importing and unmade by reverting, never by hand."""

from django.contrib import admin
from django.db.models import Count
from django.utils.html import format_html_join

from imports.admin import actions, filters
from imports.models import Import, State
from tachi.admin.formatting import NOTHING, link, listing, pretty, short, when
from tachi.admin.read_only import ReadOnlyAdmin

ERRORS_SHOWN = 100
HEX = frozenset("0123456789abcdef")
AFTER_HEX = "g"


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = [
        "short_id",
        "received",
        "user",
        "import_type",
        "game",
        "state",
        "imported",
        "failed",
        "user_agent",
    ]
    list_select_related = ["user"]
    list_filter = filters.LIST_FILTERS
    search_fields = ["import_id"]
    search_help_text = "An import id, or the beginning of one."
    actions = ["revert", "restore"]
    readonly_fields = [
        "received",
        "started",
        "finished",
        "numbers",
        "error_list",
        "changes_of_classes",
        "scores",
        "sessions",
        "orphan_list",
        "class_claims",
        "revert_list",
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
            {"fields": ["numbers", "error_list", "changes_of_classes"]},
        ),
        ("Records", {"fields": ["revert_list", "document"]}),
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
                    "sequence",
                    "lease_number",
                    "error_status",
                    "error_text",
                    "error_detail",
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        """Without what is long; a detail page fetches it."""
        imports = super().get_queryset(request)
        return imports.defer("errors", "later_claims", "class_deltas", "error_detail")

    def get_search_results(self, request, queryset, search_term):
        """By an id's beginning, as a range: that uses the index of any collation."""
        start = search_term.strip().lower()
        if not HEX.issuperset(start):
            return queryset.none(), False
        found = queryset.filter(import_id__gte=start, import_id__lt=start + AFTER_HEX)
        return found if start else queryset, False

    def has_revert_permission(self, request):
        return request.user.has_perm("imports.revert_import")

    @admin.action(description="Revert selected imports", permissions=["revert"])
    def revert(self, request, queryset):
        return actions.revert(self, request, queryset)

    @admin.action(description="Restore selected imports", permissions=["revert"])
    def restore(self, request, queryset):
        return actions.restore(self, request, queryset)

    @admin.display(description="import id")
    def short_id(self, import_):
        return short(import_.import_id)

    def received(self, import_):
        return when(import_.received_at)

    def started(self, import_):
        return when(import_.started_at)

    def finished(self, import_):
        return when(import_.finished_at)

    def imported(self, import_):
        return import_.counts.get("imported")

    @admin.display(description="not imported")
    def failed(self, import_):
        counts = import_.counts
        return counts and sum(counts.get(name, 0) for name in ("orphaned", "rejected"))

    @admin.display(description="counts")
    def numbers(self, import_):
        counts = import_.counts.items()
        return ", ".join(f"{count} {name}" for name, count in counts) or NOTHING

    @admin.display(description="errors")
    def error_list(self, import_):
        errors = [(each["type"], each["message"]) for each in import_.errors]
        if not errors:
            return NOTHING
        more = len(errors) - ERRORS_SHOWN
        shown = errors[:ERRORS_SHOWN] + ([("…", f"and {more} more")] * (more > 0))
        return format_html_join("", "<div><b>{}</b> {}</div>", shown)

    @admin.display(description="changes of classes")
    def changes_of_classes(self, import_):
        return pretty(import_.class_deltas) if import_.class_deltas else NOTHING

    def scores(self, import_):
        return _of(import_, import_.scores.count(), "scores_score")

    def sessions(self, import_):
        found = import_.scores.aggregate(count=Count("session", distinct=True))
        return _of(import_, found["count"], "scores_session")

    @admin.display(description="orphans")
    def orphan_list(self, import_):
        return _of(import_, import_.orphans.count(), "imports_orphan")

    def class_claims(self, import_):
        return _of(import_, import_.classes.count(), "scores_classclaim")

    @admin.display(description="reverts")
    def revert_list(self, import_):
        return _of(import_, import_.reverts.count(), "imports_revert")

    @admin.display(description="API document")
    def document(self, import_):
        if import_.state != State.COMPLETED:
            return NOTHING
        url = f"/api/v1/imports/{import_.import_id}"
        return link(url, url)


def _of(import_: Import, count: int, page: str) -> str:
    """A count of an import's rows, as a link to them."""
    return listing(count, page, **{"import": import_.import_id})
