"""Class review: claims on classes whose imports are reverted, and all others."""

from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from imports.admin.class_decisions import decide, with_reviews
from imports.class_review.listing import STATES, Review
from scores.admin.filters import GptFilter, ImportFilter
from scores.models import ClassClaim, ClassReview
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import (
    EMPTY,
    detail_link,
    format_time,
    shortened,
)
from tachi.admin.read_only import (
    MAX_ROWS,
    ReadOnlyAdmin,
)
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs
from tachi.pages.looks import Kind, badge

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PERMISSION = "imports.review_class"
ROWS = 30  # of a page: each says a lot


class ClaimFilter(ChoiceFilter):
    """By what became of a claim; those to be reviewed unless somebody asks."""

    title = "state"
    parameter_name = "state"
    default, everything = "review", "all"
    values = [
        *((name, label) for name, (_, label) in STATES.items()),
        (everything, "All"),
    ]

    def narrowed(
        self, queryset: QuerySet[ClassClaim], value: str
    ) -> QuerySet[ClassClaim]:
        if value == self.everything:
            return queryset
        return queryset.filter(STATES[value][0])


class WithReview(TypedDict):
    """What each row has beside its columns."""

    import_id: str | None
    review: Review


class ReviewList(ChangeList):
    """The list, with what is to be known of the claims on its page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = with_reviews(self.result_list)


@admin.register(ClassClaim)
class ClassReviewAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        "class_text",
        "class_set",
        "user",
        "gpt",
        "state",
        "before",
        "supported_by",
        "import_link",
        "reverted",
        "reverted_by",
        "reason",
        "decision",
    ]
    list_select_related = ["user"]
    list_per_page = ROWS
    list_filter = [ClaimFilter, UserFilter, GptFilter, ImportFilter]
    fields = [
        "class_text",
        "class_set",
        "value",
        "user",
        "gpt",
        "source_import",
        "claimed",
        "state",
        "before",
        "supported_by",
        "reverted",
        "reverted_by",
        "reason",
        "decisions",
    ]
    readonly_fields = [
        "class_text",
        "claimed",
        "state",
        "before",
        "supported_by",
        "reverted",
        "reverted_by",
        "reason",
        "decisions",
    ]
    actions = ["withdraw", "keep", "reinstate"]
    acts = (PERMISSION,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClassClaim]:
        claims = super().get_queryset(request)
        return claims.annotate(import_id=F("source_import__import_id"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReviewList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, by the name of what it is for."""
        return super().changelist_view(
            request, {"title": "Class review", **(extra_context or {})}
        )

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ClassClaim | None:
        found = super().get_object(request, object_id, from_field)
        return with_reviews([found])[0] if found else None

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    @admin.action(description="Withdraw selected classes…", permissions=["review"])
    def withdraw(
        self, request: HttpRequest, queryset: QuerySet[ClassClaim]
    ) -> TemplateResponse | None:
        return decide(self, request, queryset, "withdraw")

    @admin.action(description="Keep selected classes…", permissions=["review"])
    def keep(
        self, request: HttpRequest, queryset: QuerySet[ClassClaim]
    ) -> TemplateResponse | None:
        return decide(self, request, queryset, "keep")

    @admin.action(description="Reinstate selected classes…", permissions=["review"])
    def reinstate(
        self, request: HttpRequest, queryset: QuerySet[ClassClaim]
    ) -> TemplateResponse | None:
        return decide(self, request, queryset, "reinstate")

    def acts_on(self, claim: ClassClaim) -> Q:
        return Q(subject_kind=Subject.CLASS, subject_id=str(claim.pk))

    @admin.display(description="class")
    def class_text(self, claim: ClassClaim) -> str:
        return claim.name

    def claimed(self, claim: ClassClaim) -> str:
        return format_time(claim.created_at)

    def state(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        state = claim.review.state
        return badge(WORDS[state], KINDS[state])

    @admin.display(description="without it")
    def before(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        return claim.review.before_name or EMPTY

    @admin.display(description="supported by")
    def supported_by(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        """The newest of the completed imports that say so, or more, as links."""
        review = claim.review
        shown = format_html_join(
            ", ",
            "{}",
            (
                (detail_link(shortened(each.import_id), "imports_import", each.pk),)
                for each in review.supports
            ),
        )
        more = review.supported - len(review.supports)
        return format_html("{} and {} more", shown, more) if more else shown or EMPTY

    @admin.display(description="import")
    def import_link(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        return detail_link(
            shortened(claim.import_id), "imports_import", claim.source_import_id
        )

    def reverted(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        revert = claim.review.revert
        return format_time(revert.reverted_at if revert else None)

    def reverted_by(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        revert = claim.review.revert
        if revert is None:
            return EMPTY
        return f"{revert.reverted_by or EMPTY} ({revert.origin})"

    @admin.display(description="why it was reverted")
    def reason(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        revert = claim.review.revert
        return (revert and revert.reason) or EMPTY

    def decision(self, claim: "WithAnnotations[ClassClaim, WithReview]") -> str:
        """The last one: what, by whom, when, and why."""
        decided = claim.review.decided
        return _told(decided) if decided else EMPTY

    def decisions(self, claim: ClassClaim) -> str:
        """All of them, newest first."""
        told = ((_told(each),) for each in claim.reviews.order_by("-pk")[:MAX_ROWS])
        return format_html_join("", "<div>{}</div>", told) or EMPTY


WORDS = {
    "review": "to review",
    "kept": "kept",
    "withdrawn": "withdrawn",
    "live": "of a completed import",
}


KINDS: dict[str, Kind] = {
    "review": "wait",
    "kept": "good",
    "withdrawn": "gone",
    "live": "news",
}


def _told(decided: ClassReview) -> SafeString:
    by = decided.decided_by_name or EMPTY
    why = f": {decided.reason}" if decided.reason else ""
    when = format_time(decided.decided_at)
    what = decided.get_decision_display()
    return format_html("{} by {} ({}), {}{}", what, by, decided.origin, when, why)
