"""The review of classes that reverts leave: listed, withdrawn, kept, reinstated."""

from collections.abc import Callable

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.class_review.decide import NotDecided, keep, reinstate, withdraw
from imports.class_review.documents import ReviewDocument, review_documents
from imports.class_review.listing import STATES
from imports.models import Origin, RequestedBy
from scores.models import ClassClaim, ClassReview
from tachi.accounts.authentication import user_of
from tachi.accounts.permissions import SessionMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.paging import LINK, PAGING, Next, Order, page
from tachi.api.rendering import JSONResponse
from tachi.api.validation import as_object, one_of, optional, string, validate
from tachi.api.viewsets import ResourceViewSet

NEWEST = Order(("-pk",))
LONGEST_REASON = 1000  # characters
STATE = {
    "state": optional(one_of(*STATES, "all")).described(
        "What became of the class; those to be reviewed unless something else is asked."
    )
}
DECISION = {
    "reason": optional(string(0, LONGEST_REASON)).described(
        "Why. The player reads it in an export."
    )
}
BUSY = "with Retry-After: other changes of the player's scores take too long."


class Reviews(Next):
    """Claims on classes, the newest first."""

    reviews: list[ReviewDocument]


class ClassReviewViewSet(ResourceViewSet):
    """Claims on classes, for those who review them."""

    queryset = ClassClaim.objects.select_related("user")
    lookup_url_kwarg = "review_id"
    not_found_text = "This class claim does not exist."
    permission_classes = [SessionMay("imports.review_class")]

    @answers(
        Reviews,
        query={**STATE, **PAGING},
        response_headers={"Link": LINK},
        tag="imports",
        name="list_class_reviews",
    )
    def list(self, request: Request) -> JSONResponse:
        """Classes that imports provided, by default those that are to be reviewed.

        A revert leaves them in force, until they are withdrawn or kept.
        """
        query = as_object(request.query_params)
        sent = validate(query, {**STATE, **PAGING})
        state = sent.get("state", "review")
        claims = self.get_queryset()
        if state != "all":
            claims = claims.filter(STATES[state][0])
        found = page(request, claims, NEWEST, always=True)
        reviews = review_documents(found.rows)
        body = {"reviews": reviews, **found.more}
        return success(f"Found {len(reviews)} classes.", body, headers=found.headers)

    @action(detail=True, methods=["post"])
    @answers(
        ReviewDocument,
        sent=DECISION,
        tag="imports",
        name="class_review_withdraw",
        refuses={409: f"It is withdrawn already; {BUSY}"},
    )
    def withdraw(self, request: Request, review_id: str) -> JSONResponse:
        """Withdraw a class: the player's next highest in its set counts.

        It does not come back when its import is restored.
        """
        return self.decide(request, withdraw, "Withdrew", "is withdrawn already")

    @action(detail=True, methods=["post"])
    @answers(
        ReviewDocument,
        sent=DECISION,
        tag="imports",
        name="class_review_keep",
        refuses={
            409: f"It is kept already, withdrawn, or its import not reverted; {BUSY}"
        },
    )
    def keep(self, request: Request, review_id: str) -> JSONResponse:
        """Keep a class whose import is reverted: it stays in force."""
        return self.decide(request, keep, "Kept", "is kept already")

    @action(detail=True, methods=["post"])
    @answers(
        ReviewDocument,
        sent=DECISION,
        tag="imports",
        name="class_review_reinstate",
        refuses={409: f"It is not withdrawn; {BUSY}"},
    )
    def reinstate(self, request: Request, review_id: str) -> JSONResponse:
        """Undo the withdrawal of a class: it counts again.

        It is to be reviewed again if its import is still reverted.
        """
        return self.decide(request, reinstate, "Reinstated", "is not withdrawn")

    def decide(
        self,
        request: Request,
        verb: Callable[[ClassClaim, RequestedBy], ClassReview | None],
        done: str,
        not_done: str,
    ) -> JSONResponse:
        """Make a decision; the claim as it is then. Raises Refused (409)."""
        claim = self.get_object()
        reason = validate(request.data, DECISION).get("reason", "")
        by = RequestedBy(user_of(request), Origin.API, reason)
        try:
            decided = verb(claim, by)
        except NotDecided as why:
            raise Refused(409, str(why)) from None
        if decided is None:
            raise Refused(409, f"This class {not_done}.")
        (review,) = review_documents(self.get_queryset().filter(pk=claim.pk))
        return success(f"{done} {review['name']}.", review)
