"""Poll-status, which a client asks for every second while it waits.

A plain view and one statement: REST framework and the ORM would be most of its cost.
"""

from functools import cache
from hashlib import blake2b
from math import ceil
from typing import Literal, TypedDict

import orjson
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from imports.documents import ImportDocument, import_documents
from imports.models import Import, State
from imports.progress import ProgressDocument, progress_document
from imports.queue import stops
from imports.rows.sentence import sentence
from imports.views.answers import failed
from tachi.accounts.models import ApiToken, User
from tachi.api.conditional import CONDITIONAL, is_known, not_modified
from tachi.api.envelope import failure, success
from tachi.api.one_moment import one_snapshot
from tachi.api.openapi import answers
from tachi.api.openapi.shapes import Shapes
from tachi.api.throttles import Poll, PollCompleted, limited

ROW = """
    SELECT imports_import.id, import_id, received_at, state, lease_number, started_at,
           phase, description, done, total, error_status, error_text, problems, counts,
           change_number, auth_level, is_active, revoked_at
    FROM imports_import
    JOIN accounts_user ON accounts_user.id = imports_import.user_id
    LEFT JOIN accounts_apitoken ON accounts_apitoken.id = token_id
    WHERE import_id = %s
"""
SHORT = 10_000  # bytes of a document that is kept
NO_IMPORT = "There is no import of this ID, ongoing or done."


class Ongoing(TypedDict):
    """An import that is not finished."""

    importStatus: Literal["ongoing"]
    progress: ProgressDocument


# `import` is a keyword, so this cannot be a class.
Completed = TypedDict(
    "Completed", {"importStatus": Literal["completed"], "import": ImportDocument}
)


@answers(
    Ongoing | Completed,
    tag="imports",
    response_headers={
        "Retry-After": "While it is ongoing: seconds to the next poll.",
        "ETag": "Of a completed import, for `If-None-Match`.",
    },
    **CONDITIONAL,
    refuses={
        "4XX": "The import failed; the status and the description are its own.",
        "5XX": "The import failed by a bug of ours, or of a third party.",
    },
    limits=[Poll],
)
@csrf_exempt
@require_safe
@limited(Poll)
def poll_status(request: HttpRequest, import_id: str) -> HttpResponse:
    """The progress of an import, or how it ended; for anybody who knows its id."""
    import_ = next(iter(Import.objects.raw(ROW, [import_id])), None)
    if import_ is None or import_.state == State.REVERTED:
        return failure(404, NO_IMPORT)
    if import_.state == State.QUEUED and (why := stop_reason(import_)):
        # No worker has come to it yet, and the first one that does will cancel it.
        return failure(stops.STATUS, stops.because(why))
    if import_.state in (State.QUEUED, State.RUNNING):
        body = {"importStatus": "ongoing", "progress": progress_document(import_)}
        return success("Import is ongoing.", body, headers=poll_again(import_))
    if import_.state != State.COMPLETED:
        return failed(import_)
    return _completed(request, import_)


def poll_again(import_: Import) -> dict[str, int]:
    """When to ask again: after half of the time that it has taken already, between
    one second and five. So nobody waits much longer, and a long queue is asked less.
    """
    age = (timezone.now() - import_.received_at).total_seconds()
    return {"Retry-After": min(max(ceil(age / 2), 1), 5)}


def _completed(request: HttpRequest, import_: Import) -> HttpResponse:
    # The number was read before the document: what changes in between is in the
    # document of an older number, and the next poll gets it once more.
    etag = f'"{shape_of_document()}-{vars(import_)["change_number"]}"'
    if is_known(request, etag):
        return not_modified(etag)
    PollCompleted().check(request)
    text = document_text(import_, etag)
    if text is None:
        return failure(404, NO_IMPORT)
    body = {"importStatus": "completed", "import": orjson.Fragment(text)}
    return success(sentence(import_.counts), body, headers={"ETag": etag})


def document_text(import_: Import, etag: str) -> bytes | None:
    """The document as JSON; None when the import was reverted since its state was read.

    Many may wait for the same import: a short document that was made for one of them is
    kept for the others. The tag is another as soon as anything in it changes.
    """
    kept = caches["documents"]
    key = f"{import_.import_id}-{etag[1:-1]}"
    text: bytes | None = kept.get(key)
    if text is None:
        with one_snapshot():
            found = Import.objects.completed().filter(pk=import_.pk)
            documents = import_documents(found)
        if not documents:
            return None
        text = orjson.dumps(documents[0])
        if len(text) <= SHORT:
            kept.set(key, text)
    return text


@cache
def shape_of_document() -> str:
    """Another text for another shape: after an update nobody's document is old."""
    shapes = Shapes()
    shapes.schema(ImportDocument)
    described = orjson.dumps(shapes.components, option=orjson.OPT_SORT_KEYS)
    return blake2b(described, digest_size=6).hexdigest()


def stop_reason(import_: Import) -> str:
    """Why an import of ROW may not run: its user's ban, or its token's end."""
    row = vars(import_)
    user = User(auth_level=row["auth_level"], is_active=row["is_active"])
    return stops.reason(user, ApiToken(revoked_at=row["revoked_at"]))
