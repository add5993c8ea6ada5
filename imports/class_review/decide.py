"""What a moderator decides of a class that an import provided.

A claim on a class outlives the revert of its import, by Tachi's documented contract,
and is to be reviewed then: it is withdrawn, or kept. One that is withdrawn can be
reinstated; it is to be reviewed again, if its import is still reverted. Claims of
imports that are completed can be withdrawn, too. What a revert withdraws is in
`imports.class_review.with_reverts`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils import timezone

from imports.class_review.listing import named_with_set
from imports.models import RequestedBy, State
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, recalculate
from scores.models import ClassClaim, ClassReview
from tachi.accounts.models import User
from tachi.moderation.log import Act, Subject, Verb, record_each

Decision = ClassReview.Decision
VERBS = {
    Decision.WITHDRAWN: Verb.WITHDRAW_CLASS,
    Decision.KEPT: Verb.KEEP_CLASS,
    Decision.REINSTATED: Verb.REINSTATE_CLASS,
}
NOT_WITHDRAWN: dict[str, Any] = {"withdrawn_at": None, "withdrawn_with": None}


class NotDecided(Exception):
    """The decision cannot be made; the text is the reason."""


def withdraw(claim: ClassClaim, requested_by: RequestedBy) -> ClassReview | None:
    """Withdraw a claim on a class: the next highest of the player's counts.

    Kept or not. None, and nothing changes, when it is withdrawn already, or gone.
    Raises `scores.locks.Busy`.
    """
    with _locked(claim) as found:
        if found is None or found.withdrawn_at is not None:
            return None
        withdrawn = {"withdrawn_at": timezone.now(), "kept_at": None}
        return _decide(found, Decision.WITHDRAWN, requested_by, **withdrawn)


def keep(claim: ClassClaim, requested_by: RequestedBy) -> ClassReview | None:
    """Keep a claim whose import is reverted: it stays in force, and is reviewed.

    Until that import is restored and reverted once more. None, and nothing changes,
    when it is kept already, or gone. Raises NotDecided for a claim that is withdrawn,
    or whose import is not reverted, and `scores.locks.Busy`.
    """
    with _locked(claim) as found:
        if found is None or found.kept_at is not None:
            return None
        if found.withdrawn_at is not None:
            day = found.withdrawn_at.date().isoformat()
            raise NotDecided(f"It was withdrawn on {day}: reinstate it first.")
        reverted = ClassClaim.objects.filter(source_import__state=State.REVERTED)
        if not reverted.filter(pk=found.pk).exists():
            raise NotDecided("Its import is not reverted: there is nothing to review.")
        return _decide(found, Decision.KEPT, requested_by, kept_at=timezone.now())


def reinstate(claim: ClassClaim, requested_by: RequestedBy) -> ClassReview | None:
    """Undo the withdrawal of a claim: it counts again.

    It is to be reviewed again if its import is reverted, also where it had been kept.
    None, and nothing changes, when it is not withdrawn, or gone. Raises
    `scores.locks.Busy`.
    """
    with _locked(claim) as found:
        if found is None or found.withdrawn_at is None:
            return None
        return _decide(found, Decision.REINSTATED, requested_by, **NOT_WITHDRAWN)


def record(
    claims: Iterable[ClassClaim], decision: Decision, requested_by: RequestedBy
) -> list[ClassReview]:
    """Note and log what was decided of one player's claims, within the caller's change.

    With the revert that a claim, as it is given, is `withdrawn_with`. Three statements
    for each five hundred.
    """
    claims = list(claims)
    by = requested_by.user
    now = timezone.now()
    reviews = [
        ClassReview(
            claim=claim,
            user_id=claim.user_id,
            decision=decision,
            decided_by=by,
            decided_by_name=by.username if by else "",
            decided_at=now,
            origin=requested_by.origin,
            reason=requested_by.reason,
            revert_id=claim.withdrawn_with_id,
        )
        for claim in claims
    ]
    made = ClassReview.objects.bulk_create(reviews, batch_size=500)
    players = User.objects.in_bulk({claim.user_id for claim in claims})
    acts = [
        Act(
            VERBS[decision],
            Subject.CLASS,
            claim.pk,
            named_with_set(claim),
            players[claim.user_id],
        )
        for claim in claims
    ]
    record_each(requested_by.acting, acts)
    return made


@contextmanager
def _locked(claim: ClassClaim) -> Iterator[ClassClaim | None]:
    """The claim as it is under the player's lock; None: it is gone."""
    with change_of(claim.user_id, settings.REVERT_WAIT_SECONDS):
        yield ClassClaim.objects.filter(pk=claim.pk).first()


def _decide(
    claim: ClassClaim, decision: Decision, requested_by: RequestedBy, **columns: Any
) -> ClassReview:
    ClassClaim.objects.filter(pk=claim.pk).update(**columns)
    touched = Touched(claim.user_id)
    touched.profiles.add(claim.gpt)
    recalculate(touched)
    return record([claim], decision, requested_by)[0]
