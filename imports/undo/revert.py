"""Reverting an import: its claims are withdrawn, and what follows is recalculated.

Everything becomes as if the import had never been made, except for the classes that it
provided: they stay as claims for moderators to review, by Tachi's documented contract.
`imports.undo.restore` is the inverse.
"""

import time
from itertools import count

from django.conf import settings
from django.utils import timezone

from imports import hand_overs, reports
from imports.hand_overs import Holder
from imports.models import Import, Orphan, RequestedBy, Revert, State
from imports.undo.records import record_reverts
from imports.undo.snapshot import Owned, Snapshot, owned_by, take_snapshot
from scores import edits
from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.locks import Busy, a_wait, patience
from scores.models import Score
from scores.score_rows import ScoreRow

POLL_SECONDS = 0.05  # between two looks at imports that run


def revert_import(
    import_: Import, requested_by: RequestedBy, *, block: bool = False
) -> int | None:
    """Revert a completed import; returns how many scores it owned.

    With `block` the scores that go are kept from being imported again.

    None, and nothing changes, when it is not completed (any more), so a second revert
    does nothing. Waits up to REVERT_WAIT_SECONDS (a web request: REQUEST_WAIT_SECONDS)
    for imports and other changes of the same player's scores, and raises
    `scores.locks.Busy` after that.
    """
    seconds_left = wait_for_imports(import_.user_id)
    with change_of(import_.user_id, seconds_left):
        # Read again under the lock: another revert may have come first, or the user may
        # have been deleted.
        completed = Import.objects.completed().select_related("user")
        found = completed.filter(pk=import_.pk).first()
        if found is None:
            return None
        import_ = found
        owned = owned_by(import_)
        orphans = Orphan.objects.filter(source_import=import_)
        later_claims = _later_claims(import_)
        snapshot = take_snapshot(owned, later_claims, orphans, import_.context)
        handed_on = _hand_on(import_, {score.pk for score in owned})
        revert = _record(import_, requested_by, owned, snapshot)
        if block:
            going = {each.pk for each in owned} - {row.pk for row in handed_on}
            edits.block(import_.user_id, sorted(going), made_by=revert)
        Score.objects.filter(source_import=import_).delete()
        orphans.delete()
        touched = _touched(import_, owned)
        claimed = ((score, holder.reported) for score, holder in later_claims)
        unfilled = hand_overs.take_back(import_, claimed, touched)
        insert_and_recalculate(touched, [*handed_on, *unfilled])
        import_.state = State.REVERTED
        import_.later_claims = {}
        import_.save(update_fields=["state", "later_claims"])
    return len(owned)


def _touched(import_: Import, owned: list[Owned]) -> Touched:
    touched = Touched(import_.user_id)
    for score in owned:
        touched.score(score.gpt, score.chart, score.time_shown)
    return touched


def _record(
    import_: Import, requested_by: RequestedBy, owned: list[Owned], snapshot: Snapshot
) -> Revert:
    """Who undoes the import, from where and why, with what it held; and word of it."""
    revert = Revert.objects.create(
        of_import=import_,
        reverted_by=requested_by.user,
        batch=requested_by.batch,
        origin=requested_by.origin,
        reason=requested_by.reason,
        reverted_at=timezone.now(),
        score_count=len(owned),
        orphan_count=len(snapshot.orphans),
        snapshot=snapshot.packed(),
    )
    record_reverts(requested_by, [revert])
    return revert


def wait_for_imports(user_id: int) -> float:
    """Wait until no import of the user runs; the seconds of the wait that are left.

    An import takes the player's lock only when it writes; that it runs is known by its
    lease. Raises Busy when one still runs after REVERT_WAIT_SECONDS, in a web request
    when its patience is at an end.
    """
    seconds = settings.REVERT_WAIT_SECONDS
    deadline = time.monotonic() + (patience(seconds) or 0)
    running = Import.objects.held().filter(user=user_id)
    with a_wait():
        for _ in count():
            left = deadline - time.monotonic()
            if not running.exists():
                return max(left, POLL_SECONDS)
            if left <= 0:
                raise Busy("An import of this user is still running.")
            time.sleep(POLL_SECONDS)
    raise AssertionError


def _later_claims(import_: Import) -> list[tuple[Score, Holder]]:
    """The scores of earlier imports that this one sent too, with what it reported."""
    processed = reports.processed_at(import_)
    sequence = reports.sequence_of(import_)
    found = []
    for pks in chunks(import_.later_claims):
        for score in Score.objects.filter(pk__in=pks):
            report = reports.decode(
                reports.reported_by_owner(score),
                import_.later_claims[str(score.pk)],
                processed,
            )
            found.append((score, Holder(sequence, import_.pk, report)))
    return found


def _hand_on(import_: Import, owned: set[int]) -> list[ScoreRow]:
    """Give owned scores to the next imports that claim them; the new owners' rows."""
    wanted = owned & hand_overs.claimed_later(import_)
    scores = [
        score
        for pks in chunks(wanted)
        for score in Score.objects.filter(pk__in=pks).select_related("chart")
    ]
    return hand_overs.hand_on(import_, scores)
