"""Reverting an import: its claims are withdrawn, and what follows is recalculated.

Everything becomes as if the import had never been made, except for the classes that it
provided: they stay as claims for moderators to review, by Tachi's documented contract
(`imports.class_review`), unless they are withdrawn with it.
`imports.undo.restore` is the inverse.
"""

from functools import partial
from typing import NamedTuple

from django.utils import timezone

from imports.class_review.with_reverts import classes_left
from imports.models import Import, Orphan, RequestedBy, Revert
from imports.undo import record
from imports.undo.preview import Preview, told_of_reverts
from imports.undo.records import record_reverts
from imports.undo.snapshot import Snapshot, take_snapshot
from imports.undo.waiting import wait_for_imports
from imports.undo.withdraw import holdings_of, withdraw
from scores import edits
from scores.derived.change import change_of
from scores.derived.recalculate import Touched


class Undone(NamedTuple):
    """How many scores a reverted import owned, and how many of these were `kept`:
    another import, which has them now, had sent them too.
    """

    scores: int
    kept: int


class Stale(Exception):
    """Something else would come of it than was shown; `preview` is what would now."""

    status = 409
    text = "Since the preview was made something has changed. Nothing was reverted."

    def __init__(self, preview: Preview) -> None:
        super().__init__(self.text)
        self.preview = preview
        self.more = {"body": preview}


def revert_import(
    import_: Import,
    requested_by: RequestedBy,
    *,
    block: bool = False,
    fingerprint: str | None = None,
) -> Undone | None:
    """Revert a completed import.

    With `block` the scores that go are kept from being imported again. Without a batch
    in `requested_by` a batch of this import alone is put on record. With the
    `fingerprint` of a preview it is tried out first, under the same lock: raises Stale,
    and nothing changes, where something else would come of it by now.

    None, and nothing changes, when it is not completed (any more), so a second revert
    does nothing. Waits up to REVERT_WAIT_SECONDS (a web request: REQUEST_WAIT_SECONDS)
    for imports and other changes of the same player's scores, and raises
    `scores.locks.Busy` after that.
    """
    seconds_left = wait_for_imports(import_.user_id)
    with change_of(import_.user_id, seconds_left):
        return revert_within(
            import_, requested_by, block=block, fingerprint=fingerprint
        )


def revert_within(
    import_: Import,
    requested_by: RequestedBy,
    *,
    block: bool = False,
    fingerprint: str | None = None,
) -> Undone | None:
    """The same, within a change of the player of whom no import runs."""
    # Read again under the lock: another revert may have come first, or the user may
    # have been deleted.
    completed = Import.objects.completed().select_related("user")
    found = completed.filter(pk=import_.pk).first()
    if found is None:
        return None
    if fingerprint is not None:
        told = told_of_reverts(found.user_id, [found])
        if told["fingerprint"] != fingerprint:
            raise Stale(told)
    return revert_now(found, requested_by, block=block)


def revert_now(
    import_: Import, requested_by: RequestedBy, *, block: bool = False
) -> Undone:
    """Revert an import that is completed, under the player's lock."""
    held = holdings_of([import_])
    owned, claimed = held.owned[import_.pk], held.claimed[import_.pk]
    orphans = Orphan.objects.filter(source_import=import_)
    snapshot = take_snapshot(owned, claimed, orphans, import_.context)
    revert = _record(import_, requested_by, len(owned), snapshot)
    blocking = partial(edits.block, import_.user_id, made_by=revert)
    touched = Touched(import_.user_id)
    classes_left([import_], requested_by, touched)
    withdrawn = withdraw(
        [import_],
        held,
        touched,
        blocking if block else lambda pks: None,
    )
    kept = len(withdrawn.handed_on)
    if revert.batch is None:
        revert.batch = record.batch_of_one(requested_by, revert, kept, block=block)
        revert.save(update_fields=["batch"])
    record_reverts(requested_by, [revert])
    return Undone(len(owned), kept)


def _record(
    import_: Import, requested_by: RequestedBy, owned: int, snapshot: Snapshot
) -> Revert:
    """Who undoes the import, from where and why, with what it held."""
    return Revert.objects.create(
        of_import=import_,
        reverted_by=requested_by.user,
        origin=requested_by.origin,
        batch=requested_by.batch,
        reason=requested_by.reason,
        reverted_at=timezone.now(),
        score_count=owned,
        orphan_count=len(snapshot.orphans),
        snapshot=snapshot.packed(),
    )
