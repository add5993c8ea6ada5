"""Pausing, resuming and cancelling jobs. A step that runs is done first."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from tachi.jobs.models import Job, State
from tachi.moderation.log import Act, Acting, Subject, Verb, record

PAUSE = {State.QUEUED: State.PAUSED, State.RUNNING: State.PAUSING}
RESUME = {State.PAUSED: State.QUEUED, State.PAUSING: State.RUNNING}
CANCEL = {
    State.QUEUED: State.CANCELLED,
    State.PAUSED: State.CANCELLED,
    State.RUNNING: State.CANCELLING,
    State.PAUSING: State.CANCELLING,
}


class NotPossible(Exception):
    """The job is in no state for that; the text says in which it is."""


def pause(job: Job, by: Acting | None = None) -> State:
    """Stop it until it is resumed; the state that it is in now. Raises NotPossible.

    `by` is who does it, for the moderation log.
    """
    return _move(job, PAUSE, Verb.PAUSE_JOB, by)


def resume(job: Job, by: Acting | None = None) -> State:
    """Let a paused job go on where it was. Raises NotPossible."""
    return _move(job, RESUME, Verb.RESUME_JOB, by)


def cancel(job: Job, by: Acting | None = None) -> State:
    """End it; what it has done stays done. Raises NotPossible."""
    return _move(job, CANCEL, Verb.CANCEL_JOB, by)


def in_words(state: str) -> str:
    """What a job is in that state: "is paused", "has failed"."""
    return "has failed" if state == State.FAILED else f"is {state}"


def _move(
    job: Job, moves: Mapping[State, State], verb: Verb, by: Acting | None
) -> State:
    with transaction.atomic():
        stored = Job.objects.select_for_update(no_key=True).get(pk=job.pk)
        if stored.state not in moves:
            raise NotPossible(f"The job {in_words(stored.state)}.")
        stored.state = state = moves[State(stored.state)]
        if state == State.CANCELLED:
            stored.finished_at = timezone.now()
        stored.wake_again_at = None  # else it would seem to be woken when it is resumed
        stored.save(update_fields=["state", "finished_at", "wake_again_at"])
        if by:
            subject = (Subject.JOB, job.job_id, job.kind, stored.user)
            record(by, Act(verb, *subject, details={"state": state}))
    return state
