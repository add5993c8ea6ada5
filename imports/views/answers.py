"""What a client is told of an import it has sent or asks about."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from imports.documents import import_document
from imports.models import Import, State
from imports.pipeline import Sent, accept, run_inline
from tachi.api.envelope import failure, success
from tachi.api.rendering import JSONAnswer

AGAIN = {"Retry-After": "1"}  # seconds
GIVEN_UP = "This import was cancelled."


def submit(request: Request, import_type: str, payload: bytes, **more) -> JSONAnswer:
    """Store what was sent, and run it here with IMPORT_INLINE, else let a worker.

    `more` are the `filename` and `parameters` of `pipeline.Sent`.
    """
    sent = Sent(
        user=request.user,
        import_type=import_type,
        payload=payload,
        user_intent=is_true(request, "X-User-Intent"),
        token=request.auth,
        user_agent=request.headers.get("User-Agent", ""),
        **more,
    )
    import_ = accept(sent)
    if settings.IMPORT_INLINE:
        import_ = run_inline(import_)
    return outcome(request, import_)


def is_true(request: Request, header: str) -> bool:
    """Whether a header says true, in any case; "1" is not true."""
    return request.headers.get(header, "").lower() == "true"


def outcome(request: Request, import_: Import) -> JSONAnswer:
    """The document of a completed import, the reason of one that failed, or 202."""
    if import_.state == State.COMPLETED:
        return success("Import successful.", import_document(import_))
    if import_.state in (State.QUEUED, State.RUNNING):
        return queued(request, import_)
    return failed(import_)


def queued(request: HttpRequest, import_: Import) -> JSONAnswer:
    """202, with the absolute address to poll."""
    site = settings.OUR_URL or request.build_absolute_uri("/").rstrip("/")
    body = {
        "url": f"{site}/api/v1/imports/{import_.import_id}/poll-status",
        "importID": import_.import_id,
    }
    description = "Import loaded into queue. Poll the url to see when it is complete."
    return success(description, body, 202, AGAIN)


def failed(import_: Import) -> JSONAnswer:
    """The import's own status and text."""
    return failure(import_.error_status or 500, import_.error_text or GIVEN_UP)
