"""Class claims that are reviewed, on the wire."""

from collections.abc import Iterable
from typing import Annotated, TypedDict

from imports.class_review.listing import Review, reviews
from scores.models import ClassClaim
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds


class ReviewDocument(TypedDict):
    """A claim on a class, and what is to be known to decide on it."""

    reviewID: str
    userID: int
    username: str
    game: str
    playtype: str
    set: str
    value: str
    name: Annotated[str, "What the class is called."]
    state: Annotated[str, "review, kept, withdrawn, or live: its import is completed."]
    before: Annotated[str | None, "What the class would be without this claim."]
    beforeName: str | None
    supported: Annotated[int, "How many completed imports say that class, or more."]
    supportedBy: Annotated[list[str], "The newest of these imports."]
    importID: str | None
    revertedAt: Milliseconds | None
    revertedBy: Annotated[int | None, "A user's id."]
    reason: Annotated[str | None, "Why the import was reverted."]
    decidedAt: Milliseconds | None
    decidedBy: Annotated[str | None, "The name of who made the last decision."]
    decisionReason: str | None


def review_documents(claims: Iterable[ClassClaim]) -> list[ReviewDocument]:
    """The claims, with their users, in their order; five statements."""
    found = reviews(claims)
    pks = [each.claim.pk for each in found]
    with_imports = ClassClaim.objects.filter(pk__in=pks)
    import_ids = dict(with_imports.values_list("pk", "source_import__import_id"))
    return [_document(each, import_ids.get(each.claim.pk)) for each in found]


def _document(review: Review, import_id: str | None) -> ReviewDocument:
    claim, revert, decided = review.claim, review.revert, review.decided
    game, playtype = claim.gpt.split(":")
    return {
        "reviewID": str(claim.pk),
        "userID": claim.user_id,
        "username": claim.user.username,
        "game": game,
        "playtype": playtype,
        "set": claim.class_set,
        "value": claim.value,
        "name": review.name,
        "state": review.state,
        "before": review.before,
        "beforeName": review.before_name,
        "supported": review.supported,
        "supportedBy": [each.import_id for each in review.supports],
        "importID": import_id,
        "revertedAt": milliseconds(revert.reverted_at) if revert else None,
        "revertedBy": revert.reverted_by_id if revert else None,
        "reason": revert.reason if revert else None,
        "decidedAt": milliseconds(decided.decided_at) if decided else None,
        "decidedBy": decided.decided_by_name if decided else None,
        "decisionReason": decided.reason if decided else None,
    }
