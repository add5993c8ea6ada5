"""Moving a batch: confirm, pause, resume, cancel, restore, retry failed, hold.

Each verb locks the batch's row, which a step of the job locks too before it commits. So
what is paused or cancelled takes effect after the import that runs, and nothing is
written of a batch after that. In the order of locks: the batch, then the job.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from imports.batches import previews
from imports.batches.acts import log_act
from imports.batches.draft import KIND
from imports.batches.refusals import Incomplete, NotPossible, Stale
from imports.batches.rights import require_right_to
from imports.batches.selection import scores_of
from imports.models import BatchImport, BatchPlayer, RequestedBy, RevertBatch
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import HELD, Job
from tachi.moderation.log import Verb

State = RevertBatch.State
ENDED = (State.DONE, State.CANCELLED, State.RESTORED)
#: States in which the job has something to do for a batch.
AT_WORK = (
    State.QUEUED,
    State.RUNNING,
    State.PAUSING,
    State.CANCELLING,
    State.RESTORING,
)
LEFT_ALONE = "It was restored by itself before: what became of it since stays."


def confirm(
    batch: RevertBatch,
    requested_by: RequestedBy,
    fingerprint: str | None,
    imports: int | None = None,
    *,
    wake: bool = True,
) -> RevertBatch:
    """Queue a draft, or what was set aside of a batch that is done, as it was shown.

    `fingerprint` is that of the preview; None, for operators, compares nothing, now or
    later. `imports` is how many are to be reverted (`to_confirm`): a large batch needs
    it, and a reason, that of the draft or one that comes with the confirmation, from
    whoever does not ask at the machine itself. Without `wake` no worker is woken: the
    caller means to run it.

    Returns it as it is now. Raises Stale, with the batch, where fingerprint or number
    are others; NotPossible where nothing is to be confirmed; Incomplete; NotAllowed.
    """
    with _locked(batch) as stored:
        number = to_confirm(stored)
        if stored.state not in (State.DRAFT, State.DONE) or not number:
            raise NotPossible(f"{is_what(stored)} there is nothing to confirm.")
        require_right_to(requested_by, stored)
        if fingerprint is not None:
            _require_shown(stored, fingerprint)
        if imports is not None and imports != number:
            raise Stale(f"It is of {number} imports, not of {imports}.", stored)
        stored.reason = requested_by.reason or stored.reason
        if requested_by.origin != "command" and is_large(stored):
            _require_care(stored, imports, number)
        players = stored.players.filter(state__in=("waiting", "aside"))
        again = {"fingerprint": ""} if fingerprint is None else {}
        players.update(state=BatchPlayer.State.WAITING, turn_at=timezone.now(), **again)
        stored.confirmed_by = requested_by.user
        stored.confirmed_at = timezone.now()
        stored.needs_preview = False
        stored.note = requested_by.note or stored.note
        said = replace(requested_by, reason=stored.reason, note=stored.note)
        log_act(stored, Verb.CONFIRM_BATCH, said)
        _queue(stored, wake=wake)
    return stored


def pause(batch: RevertBatch, requested_by: RequestedBy) -> RevertBatch:
    """Stop it until it is resumed, after the import that runs. Raises NotPossible."""
    with _locked(batch) as stored:
        if stored.state not in (State.QUEUED, State.RUNNING, State.RESTORING):
            raise NotPossible(f"{is_what(stored)} it cannot be paused.")
        stored.why_paused = ""
        stored.state = State.PAUSING if _is_at_work() else State.PAUSED
        stored.save(update_fields=["state", "why_paused"])
        log_act(stored, Verb.PAUSE_BATCH, requested_by)
    return stored


def resume(
    batch: RevertBatch, requested_by: RequestedBy, *, wake: bool = True
) -> RevertBatch:
    """Let a paused batch go on where it was. Raises NotPossible."""
    with _locked(batch) as stored:
        if stored.state not in (State.PAUSED, State.PAUSING):
            raise NotPossible(f"{is_what(stored)} it cannot be resumed.")
        log_act(stored, Verb.RESUME_BATCH, requested_by)
        _queue(stored, wake=wake)
    return stored


def cancel(batch: RevertBatch, requested_by: RequestedBy) -> RevertBatch:
    """End it after the import that runs; what is done stays done. Raises NotPossible.

    Of a restore, too: what is not restored by then stays reverted.
    """
    with _locked(batch) as stored:
        if stored.state in (*ENDED, State.CANCELLING):
            raise NotPossible(f"{is_what(stored)} it cannot be cancelled.")
        stops_later = stored.state in AT_WORK and _is_at_work()
        stored.state = State.CANCELLING if stops_later else State.CANCELLED
        stored.needs_preview = False
        if not stops_later:
            stored.finished_at = stored.finished_at or timezone.now()
            stored.restoring = False
        stored.save()
        log_act(stored, Verb.CANCEL_BATCH, requested_by)
    return stored


def restore(
    batch: RevertBatch, requested_by: RequestedBy, *, wake: bool = True
) -> RevertBatch:
    """Bring back what this batch, which has ended, has reverted, oldest import first.

    What was restored by itself before is left alone, with the reason. Raises
    NotPossible where nothing can come back, with the day where it is too late;
    NotAllowed.
    """
    with _locked(batch) as stored:
        if stored.state not in ENDED:
            text = f"{is_what(stored)} it has to end before it can be restored."
            raise NotPossible(text)
        require_right_to(requested_by, stored)
        reverted = stored.outcomes.filter(state=BatchImport.State.REVERTED)
        if not reverted.exists():
            raise NotPossible("Nothing that it reverted is reverted still.")
        _require_in_time(stored)
        before = stored.outcomes.filter(state=BatchImport.State.RESTORED, why="")
        before.update(why=LEFT_ALONE)
        reverted.update(done_at=None, why="")
        players = stored.players.filter(pk__in=reverted.values("player"))
        # Those of a cancelled batch who never had their turn have none now, either.
        others = stored.players.exclude(pk__in=reverted.values("player"))
        others.filter(state__in=("waiting", "begun")).update(state="done")
        players.update(
            state=BatchPlayer.State.WAITING, verified=None, turn_at=timezone.now()
        )
        stored.restored_by = requested_by.user
        stored.restore_origin = requested_by.origin
        stored.restore_reason = requested_by.reason
        stored.restore_note = requested_by.note
        log_act(stored, Verb.RESTORE_BATCH, requested_by)
        stored.restoring, stored.ran_seconds = True, 0
        _queue(stored, wake=wake)
    return stored


def retry_failed(
    batch: RevertBatch, requested_by: RequestedBy, *, wake: bool = True
) -> RevertBatch:
    """Try again what failed in a batch that is done or paused.

    Of who was set aside nothing is tried: he is shown anew, with what failed. Raises
    NotPossible, NotAllowed.
    """
    with _locked(batch) as stored:
        if stored.state not in (State.DONE, State.PAUSED) or stored.restoring:
            raise NotPossible(f"{is_what(stored)} nothing of it can be retried.")
        require_right_to(requested_by, stored)
        failed = stored.outcomes.filter(state=BatchImport.State.FAILED)
        if not failed.exists():
            raise NotPossible("None of its imports has failed.")
        players = stored.players.filter(pk__in=failed.values("player"))
        # What was shown of those set aside is without what failed of theirs.
        previews.outdate(players.filter(state="aside"))
        for state, then in (("aside", "waiting"), ("done", "begun")):
            players.filter(state=state).update(state=then, turn_at=timezone.now())
        failed.update(state=BatchImport.State.WAITING, why="", done_at=None)
        log_act(stored, Verb.RETRY_BATCH, requested_by)
        _queue(stored, wake=wake)
    return stored


def hold(
    batch: RevertBatch, requested_by: RequestedBy, held: bool | None = None
) -> RevertBatch:
    """Keep what it reverted beyond the usual time, or no longer; without `held`, the
    other of the two.
    """
    with _locked(batch) as stored:
        stored.held = (not stored.held) if held is None else held
        stored.save(update_fields=["held"])
        verb = Verb.HOLD_BATCH if stored.held else Verb.RELEASE_BATCH
        log_act(stored, verb, requested_by)
    return stored


def to_confirm(batch: RevertBatch) -> int:
    """How many imports a confirmation would run: of a draft all, of one that is done
    those of players who were set aside.
    """
    if batch.state == State.DRAFT:
        return batch.imports
    aside = batch.outcomes.filter(player__state="aside", state="waiting")
    return aside.count() if batch.state == State.DONE else 0


def is_large(batch: RevertBatch) -> bool:
    """Whether it needs a reason, and the number of imports."""
    return scores_of(batch) > settings.BATCH_LARGE_SCORES


def is_what(batch: RevertBatch) -> str:
    """The beginning of a sentence: "The batch is paused:"."""
    return (
        f"The batch is {batch.state}:" if batch.state != "draft" else "It is a draft:"
    )


@contextmanager
def _locked(batch: RevertBatch) -> Iterator[RevertBatch]:
    """A transaction in which nobody else moves the batch, as it is now."""
    with transaction.atomic():
        rows = RevertBatch.objects.select_for_update(no_key=True)
        yield rows.get(pk=batch.pk)


def _queue(batch: RevertBatch, *, wake: bool) -> None:
    """Let the job work on it."""
    batch.state = State.RESTORING if batch.restoring else State.QUEUED
    if not batch.restoring:
        batch.finished_at = None
    batch.why_paused, batch.failed_in_a_row = "", 0
    batch.turn_at = timezone.now()
    batch.save()
    enqueue(KIND, wake=wake)


def _is_at_work() -> bool:
    """Whether a worker is at an import of some batch just now.

    One that takes the job after this finds the batch as this transaction leaves it, and
    one that stalled finds so when it comes to write.
    """
    jobs = Job.objects.select_for_update(no_key=True).filter(kind=KIND)
    held = jobs.filter(state__in=HELD, lease_until__gte=Now())
    return held.first() is not None


def _require_shown(batch: RevertBatch, fingerprint: str) -> None:
    if not batch.fingerprint:
        raise NotPossible("Its preview is not ready yet.")
    if fingerprint != batch.fingerprint:
        text = "This is not what would be done: see the preview as it is now."
        raise Stale(text, batch)


def _require_care(batch: RevertBatch, imports: int | None, number: int) -> None:
    many = f"It is of more than {settings.BATCH_LARGE_SCORES} scores"
    if not batch.reason:
        raise Incomplete(f"{many}: it needs a reason.")
    if imports is None:
        raise Incomplete(f"{many}: give the number of its imports, {number}.")


def _require_in_time(batch: RevertBatch) -> None:
    if batch.held or batch.finished_at is None:
        return
    until = batch.finished_at + timedelta(days=settings.RESTORE_DAYS)
    if until < timezone.now():
        day = until.date().isoformat()
        raise NotPossible(f"It could be restored until {day}: that is over.")
