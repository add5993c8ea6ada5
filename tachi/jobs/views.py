"""The poll of a job, which is like that of an import: for whoever knows its id."""

from typing import Annotated, TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from tachi.api.envelope import failure, success
from tachi.api.openapi import Keywords, answers
from tachi.api.rendering import JSONResponse
from tachi.api.throttles import Poll, limited
from tachi.jobs.documents import CompletedJob, OngoingJob, job_progress
from tachi.jobs.models import UNFINISHED, Job, State

POLL_AGAIN = {"Retry-After": "1"}  # seconds


class QueuedJob(TypedDict):
    """Work that a worker does, and where to ask how far it is."""

    url: Annotated[str, "The address to poll.", Keywords(format="uri")]
    importID: None
    jobID: str


@answers(
    OngoingJob | CompletedJob,
    tag="imports",
    response_headers={"Retry-After": "While it is ongoing: seconds to the next poll."},
    refuses={409: "It was cancelled.", 500: "It failed."},
    limits=[Poll],
)
@csrf_exempt
@require_safe
@limited(Poll)
def job_status(request: HttpRequest, job_id: str) -> HttpResponse:
    """How far a user's job is, or what came of it; for anybody who knows its id."""
    job = Job.objects.filter(job_id=job_id, user__isnull=False).first()
    if job is None:
        return failure(404, "There is no job of this ID.")
    if job.state in UNFINISHED:
        body = {"importStatus": "ongoing", "progress": job_progress(job)}
        return success("The job is ongoing.", body, headers=POLL_AGAIN)
    if job.state == State.DONE:
        body = {"importStatus": "completed", "result": job.result}
        return success("The job is done.", body)
    if job.state == State.CANCELLED:
        return failure(409, job.error_text or "This job was cancelled.")
    return failure(500, job.error_text)


def queued(request: Request, job: Job) -> JSONResponse:
    """202, with the absolute address to poll."""
    site = settings.OUR_URL or request.build_absolute_uri("/").rstrip("/")
    url = f"{site}/api/v1/jobs/{job.job_id}"
    body = {"url": url, "importID": None, "jobID": job.job_id}
    description = "Loaded into the queue. Poll the url to see when it is complete."
    return success(description, body, 202, POLL_AGAIN)
