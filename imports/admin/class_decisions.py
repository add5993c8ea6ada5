"""What moderators decide of the selected classes, after a confirmation.

The confirmation lists at most MAX_ROWS claims and posts their keys.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from imports.class_review.decide import NotDecided, keep, reinstate, withdraw
from imports.class_review.listing import reviews
from imports.models import RequestedBy, Revert
from scores.apply_each import apply_each
from scores.models import ClassClaim, ClassReview
from tachi.accounts.authentication import user_of
from tachi.admin.confirmation import confirmation, given_reason
from tachi.admin.formatting import count_of
from tachi.admin.read_only import MAX_ROWS, MAX_SECONDS, ReadOnlyAdmin, too_many


class Act(NamedTuple):
    """What is done to claims: its verb, and how it is told."""

    verb: Callable[[ClassClaim, RequestedBy], ClassReview | None]
    done: str
    title: str
    nothing: str


ACTS = {
    "withdraw": Act(
        withdraw,
        "Withdrew",
        "Withdraw classes",
        "All of the selected classes were withdrawn before.",
    ),
    "keep": Act(
        keep,
        "Kept",
        "Keep classes",
        "All of the selected classes were kept before.",
    ),
    "reinstate": Act(
        reinstate,
        "Reinstated",
        "Reinstate classes",
        "None of the selected classes is withdrawn.",
    ),
}


def decide(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    queryset: QuerySet[ClassClaim],
    name: str,
) -> TemplateResponse | None:
    """Ask; once it is confirmed, decide that of each, and say what came of it."""
    if too_many(queryset):
        text = f"Select at most {MAX_ROWS} classes at once."
        model_admin.message_user(request, text, messages.ERROR)
        return None
    claims = list(queryset.select_related("user").order_by("-pk"))
    form = given_reason(request)
    if not form.is_valid():
        context = {"action": name, "title": ACTS[name].title, "form": form}
        return confirmation(model_admin, request, with_reviews(claims), context)
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    by = RequestedBy(user_of(request), Revert.Origin.ADMIN, reason, note=note)
    _decide(model_admin, request, claims, ACTS[name], by)
    return None


def _decide(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    claims: list[ClassClaim],
    act: Act,
    by: RequestedBy,
) -> None:
    outcome = apply_each(
        claims,
        lambda claim: act.verb(claim, by),
        refusals=(NotDecided,),
        seconds=MAX_SECONDS,
    )
    for claim, why in outcome.refused:
        text = f"{claim.name} of {claim.user} was refused. {why}"
        model_admin.message_user(request, text, messages.WARNING)
    if outcome.changed:
        text = f"{act.done} {count_of(len(outcome.changed), 'class', 'es')}."
        model_admin.message_user(request, text, messages.SUCCESS)
    elif not outcome.refused:
        model_admin.message_user(request, act.nothing, messages.WARNING)


def with_reviews(claims: Iterable[ClassClaim]) -> list[Any]:
    """The claims, each with its `review`; four statements."""
    found = reviews(claims)
    for each in found:
        each.claim.review = each  # type: ignore[attr-defined]
    return [each.claim for each in found]
