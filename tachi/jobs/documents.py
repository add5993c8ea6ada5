"""Jobs on the wire: how far one is, as a poll of an import tells it, and its result."""

import math
from typing import Annotated, Literal, TypedDict

from django.utils import timezone

from tachi.jobs.models import Job, State

#: What is said of a job whose worker has not said anything yet, or that waits.
DESCRIPTIONS = {
    State.QUEUED: "Waiting for its turn.",
    State.PAUSED: "Paused.",
}


class JobProgress(TypedDict):
    """How far an unfinished job is."""

    description: Annotated[str, "For people."]
    phase: Annotated[str, "The state: `queued`, `running`, `paused` and the like."]
    done: Annotated[int, "Of `total`."]
    total: Annotated[int | None, "Null while it is not known, like the next two."]
    percent: int | None
    etaSeconds: int | None


class OngoingJob(TypedDict):
    """A job that is not finished."""

    importStatus: Literal["ongoing"]
    progress: JobProgress


class CompletedJob(TypedDict):
    """A job that is done, and what came of it."""

    importStatus: Literal["completed"]
    result: Annotated[dict[str, int], "Of orphans: as `POST /import/orphans` answers."]


def job_progress(job: Job) -> JobProgress:
    """The progress of an unfinished job."""
    waiting = DESCRIPTIONS.get(State(job.state), "Working.")
    text = job.description if job.state != State.PAUSED else ""
    return {
        "description": text or waiting,
        "phase": job.state,
        "done": job.done,
        "total": job.total,
        "percent": min(100, 100 * job.done // job.total) if job.total else None,
        "etaSeconds": _eta_seconds(job),
    }


def _eta_seconds(job: Job) -> int | None:
    """At the pace so far, waits for other jobs included."""
    if not (job.total and job.done and job.started_at) or job.state == State.PAUSED:
        return None
    elapsed = max(0.0, (timezone.now() - job.started_at).total_seconds())
    return math.ceil(elapsed * max(0, job.total - job.done) / job.done)
