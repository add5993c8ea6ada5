"""Class claims, and their review: a claim outlives the revert of its import."""

from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from scores.admin.filters import GptFilter, ImportFilter
from scores.apply_each import apply_each
from scores.edits import withdraw_claim
from scores.models import ClassClaim
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import (
    EMPTY,
    count_of,
    detail_link,
    format_time,
    shortened,
)
from tachi.admin.log import ActionWithReason
from tachi.admin.read_only import (
    MAX_ROWS,
    MAX_SECONDS,
    ReadOnlyAdmin,
    too_many,
)
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs, acting

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

REVERTED: dict[str, Any] = {"source_import__state": "reverted"}


class ClaimFilter(ChoiceFilter):
    """A live claim of a reverted import is to be reviewed until it is withdrawn."""

    title = "state"
    parameter_name = "state"
    conditions: dict[str, dict[str, Any]] = {
        "review": {**REVERTED, "withdrawn_at": None},
        "live": {"withdrawn_at": None},
        "withdrawn": {"withdrawn_at__isnull": False},
        "reverted": REVERTED,
    }
    values = [
        ("review", "To review: live, of a reverted import"),
        ("live", "Live"),
        ("withdrawn", "Withdrawn"),
        ("reverted", "Of a reverted import"),
    ]

    def narrowed(
        self, queryset: QuerySet[ClassClaim], value: str
    ) -> QuerySet[ClassClaim]:
        if value not in self.conditions:
            return queryset.none()
        return queryset.filter(**self.conditions[value])


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str | None
    state: str | None


@admin.register(ClassClaim)
class ClassClaimAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        "claim",
        "user",
        "gpt",
        "claimed",
        "import_link",
        "import_state",
        "withdrawn",
    ]
    list_select_related = ["user"]
    list_filter = [ClaimFilter, UserFilter, GptFilter, ImportFilter]
    fields = [
        "user",
        "gpt",
        "class_set",
        "value",
        "source_import",
        "claimed",
        "withdrawn",
    ]
    readonly_fields = ["claimed", "withdrawn"]
    actions = ["withdraw"]
    action_form = ActionWithReason
    acts = ("imports.review_class",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClassClaim]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                import_id=F("source_import__import_id"),
                state=F("source_import__state"),
            )
        )

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.review_class")

    @admin.action(
        description="Withdraw selected class claims", permissions=["withdraw"]
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ClassClaim]) -> None:
        if too_many(queryset):
            text = f"Select at most {MAX_ROWS} claims at once."
            self.message_user(request, text, messages.ERROR)
            return
        claims = queryset.select_related("user")
        by = acting(request)
        outcome = apply_each(
            claims, lambda claim: withdraw_claim(claim, by), seconds=MAX_SECONDS
        )
        withdrawn = sum(done for _, done in outcome.done)
        for claim, why in outcome.refused:
            text = f"{claim} of {claim.user} was not withdrawn: {why}"
            self.message_user(request, text, messages.WARNING)
        if withdrawn:
            text = f"Withdrew {count_of(withdrawn, 'class claim')}."
            self.message_user(request, text, messages.SUCCESS)
        elif not outcome.refused:
            text = "All of the selected class claims were withdrawn before."
            self.message_user(request, text, messages.WARNING)

    def acts_on(self, claim: ClassClaim) -> Q:
        return Q(subject_kind=Subject.CLASS, subject_id=claim.pk)

    @admin.display(description="class")
    def claim(self, claim: ClassClaim) -> str:
        return str(claim)

    def claimed(self, claim: ClassClaim) -> str:
        return format_time(claim.created_at)

    def withdrawn(self, claim: ClassClaim) -> str:
        return format_time(claim.withdrawn_at)

    @admin.display(description="import")
    def import_link(self, claim: "WithAnnotations[ClassClaim, OfImport]") -> str:
        return detail_link(
            shortened(claim.import_id), "imports_import", claim.source_import_id
        )

    def import_state(self, claim: "WithAnnotations[ClassClaim, OfImport]") -> str:
        return claim.state or EMPTY
