"""What a client is told of an import that it has sent or asks about."""

from typing import Annotated, TypedDict

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from imports.documents import import_document
from imports.models import Import, State
from imports.once import problems_of, refusal_of
from imports.rows.sentence import sentence
from tachi.api.envelope import failure, success
from tachi.api.openapi import Keywords
from tachi.api.rendering import JSONResponse


class Queued(TypedDict):
    """An import that is stored, and will be run by a worker."""

    url: Annotated[str, "The address to poll.", Keywords(format="uri")]
    importID: str


FIRST_POLL = {"Retry-After": "1"}  # seconds


def outcome(request: Request, import_: Import, *, polled: bool = False) -> JSONResponse:
    """The document of a completed import, the reason of one that failed, or 202.

    Where it is `polled` the document is no answer: the address to poll is.
    """
    if import_.state == State.COMPLETED and not polled:
        return success(sentence(import_.counts), import_document(import_))
    if import_.state in (State.QUEUED, State.RUNNING, State.COMPLETED):
        return queued(request, import_)
    return failed(import_)


def queued(request: Request | HttpRequest, import_: Import) -> JSONResponse:
    """202, with the absolute address to poll."""
    site = settings.OUR_URL or request.build_absolute_uri("/").rstrip("/")
    body = {
        "url": f"{site}/api/v1/imports/{import_.import_id}/poll-status",
        "importID": import_.import_id,
    }
    description = "Import loaded into queue. Poll the url to see when it is complete."
    return success(description, body, 202, FIRST_POLL)


def failed(import_: Import) -> JSONResponse:
    """The import's own status and text, and what was wrong with its document."""
    return failure(*refusal_of(import_), **problems_of(import_))
