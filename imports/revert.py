"""Undoing an import: its claims go, and everything is as if it had never been made.

But for the classes it provided, which stay as claims for moderators to review: that is
the documented contract. `imports.restore` is the inverse.
"""

import time
from dataclasses import dataclass
from itertools import count

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from imports import claims
from imports.claims import Holder
from imports.contents import contents, owned_by
from imports.models import Import, Orphan, Revert, State
from scores.bulk import chunks
from scores.locks import Busy, only_change_of
from scores.models import Score
from scores.recalculate import Touched, recalculate
from scores.rows import ScoreRow
from tachi.accounts.models import User

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Order:
    """Who wants a change, from where (`Revert.Origin`), and why; kept on record."""

    by: User | None
    origin: str
    reason: str = ""


def revert_import(import_: Import, order: Order) -> int | None:
    """Undo an import; returns how many scores it owned.

    None, and nothing changes, when it is not there to be reverted (any more): a second
    revert is no revert. Waits up to REVERT_WAIT_SECONDS for other changes of the same
    player's scores, imports above all, and raises `scores.locks.Busy` after that.
    """
    patience = wait_for_imports(import_.user_id)
    with only_change_of(import_.user_id, patience):
        import_ = Import.objects.get(pk=import_.pk)
        if import_.state != State.COMPLETED:
            return None
        owned = owned_by(import_)
        orphans = Orphan.objects.filter(source_import=import_)
        everything = contents(owned, _held_beside(import_), orphans)
        inherited = _hand_on(import_, {score.pk for score in owned})
        Score.objects.filter(source_import=import_).delete()
        orphans.delete()
        touched = Touched(import_.user_id)
        for score in owned:
            touched.score(score.gpt, score.chart, score.time_achieved)
        recalculate(touched, inherited)
        import_.state = State.REVERTED
        import_.resent = {}
        import_.save(update_fields=["state", "resent"])
        Revert.objects.create(
            of_import=import_,
            reverted_by=order.by,
            origin=order.origin,
            reason=order.reason,
            reverted_at=timezone.now(),
            score_count=len(owned),
            orphan_count=len(everything.orphans),
            contents=everything.packed(),
        )
    return len(owned)


def wait_for_imports(user_id: int) -> float:
    """Wait until no import of the user runs; the seconds of patience that are left.

    Raises Busy when one still runs after REVERT_WAIT_SECONDS.
    """
    deadline = time.monotonic() + settings.REVERT_WAIT_SECONDS
    running = Import.objects.filter(
        user=user_id, state=State.RUNNING, lease_until__gt=Now()
    )
    for _ in count():
        left = deadline - time.monotonic()
        if not running.exists():
            return max(left, POLL_SECONDS)
        if left <= 0:
            raise Busy("An import of this user is still running.")
        time.sleep(POLL_SECONDS)
    raise AssertionError


def _held_beside(import_: Import) -> list[tuple[Score, Holder]]:
    """The scores of earlier imports that this one sent again, and what it said."""
    processed = claims.processed_at(import_)
    found = []
    for pks in chunks(import_.resent):
        for score in Score.objects.filter(pk__in=pks):
            word = claims.decode(
                claims.said(score), import_.resent[str(score.pk)], processed
            )
            found.append((score, Holder(import_.sequence, import_.pk, word)))
    return found


def _hand_on(import_: Import, owned: set[int]) -> list[ScoreRow]:
    """Give each owned score to the next import that claims it; the rows of those."""
    wanted = owned & claims.claimed(import_)
    scores = [
        score
        for pks in chunks(wanted)
        for score in Score.objects.filter(pk__in=pks).select_related("chart")
    ]
    owners = claims.hand_on(import_, scores)
    return [claims.row_of(score, score.chart, owners[score.pk]) for score in scores]
