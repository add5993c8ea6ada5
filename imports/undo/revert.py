"""Undoing an import: its claims go, and everything is as if it had never been made.

The exception are the classes it provided: they stay as claims for moderators to review,
which is the documented contract. `imports.undo.restore` is the inverse.
"""

import time
from itertools import count

from django.conf import settings
from django.utils import timezone

from imports import claims, reports
from imports.claims import Holder
from imports.models import Import, Orphan, RequestedBy, Revert, State
from imports.undo.snapshot import owned_by, take_snapshot
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.locks import Busy, only_change_of
from scores.models import Score
from scores.score_rows import ScoreRow

POLL_SECONDS = 0.05


def revert_import(import_: Import, requested_by: RequestedBy) -> int | None:
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
        snapshot = take_snapshot(owned, _held_beside(import_), orphans)
        inherited = _hand_on(import_, {score.pk for score in owned})
        Score.objects.filter(source_import=import_).delete()
        orphans.delete()
        touched = Touched(import_.user_id)
        for score in owned:
            touched.score(score.gpt, score.chart, score.time_achieved)
        insert_and_recalculate(touched, inherited)
        import_.state = State.REVERTED
        import_.later_claims = {}
        import_.save(update_fields=["state", "later_claims"])
        Revert.objects.create(
            of_import=import_,
            reverted_by=requested_by.user,
            origin=requested_by.origin,
            reason=requested_by.reason,
            reverted_at=timezone.now(),
            score_count=len(owned),
            orphan_count=len(snapshot.orphans),
            snapshot=snapshot.packed(),
        )
    return len(owned)


def wait_for_imports(user_id: int) -> float:
    """Wait until no import of the user runs; the seconds of patience that are left.

    Raises Busy when one still runs after REVERT_WAIT_SECONDS.
    """
    deadline = time.monotonic() + settings.REVERT_WAIT_SECONDS
    running = Import.objects.held().filter(user=user_id)
    for _ in count():
        left = deadline - time.monotonic()
        if not running.exists():
            return max(left, POLL_SECONDS)
        if left <= 0:
            raise Busy("An import of this user is still running.")
        time.sleep(POLL_SECONDS)
    raise AssertionError


def _held_beside(import_: Import) -> list[tuple[Score, Holder]]:
    """The scores of earlier imports that this one sent again, and what it reported."""
    processed = reports.processed_at(import_)
    found = []
    for pks in chunks(import_.later_claims):
        for score in Score.objects.filter(pk__in=pks):
            report = reports.decode(
                reports.reported_by_owner(score),
                import_.later_claims[str(score.pk)],
                processed,
            )
            found.append((score, Holder(import_.sequence, import_.pk, report)))
    return found


def _hand_on(import_: Import, owned: set[int]) -> list[ScoreRow]:
    """Give each owned score to the next import that claims it; the rows of those."""
    wanted = owned & claims.claimed_beside(import_)
    scores = [
        score
        for pks in chunks(wanted)
        for score in Score.objects.filter(pk__in=pks).select_related("chart")
    ]
    owners = claims.hand_on(import_, scores)
    return [claims.row_of(score, score.chart, owners[score.pk]) for score in scores]
