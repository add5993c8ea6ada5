"""Poll-status, which a client asks for every second while it waits.

A plain view and one statement: REST framework and the ORM would be most of its cost.
"""

from typing import Literal, TypedDict

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from imports.documents import ImportDocument, import_documents
from imports.models import Import, State
from imports.progress import ProgressDocument, progress_document
from imports.views.answers import POLL_AGAIN, failed
from tachi.api.conditional import CONDITIONAL, is_known, not_modified
from tachi.api.envelope import failure, success
from tachi.api.one_moment import one_snapshot
from tachi.api.openapi import answers
from tachi.api.throttles import Poll, PollCompleted, limited

ROW = """
    SELECT imports_import.id, state, lease_number, started_at, phase, description,
           done, total, error_status, error_text, change_number
    FROM imports_import JOIN accounts_user ON accounts_user.id = user_id
    WHERE import_id = %s
"""
NO_IMPORT = "There is no import of this ID, ongoing or done."
#: To be raised by a release in which the document of an import says more or else.
SHAPE = 1


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
    if import_.state in (State.QUEUED, State.RUNNING):
        body = {"importStatus": "ongoing", "progress": progress_document(import_)}
        return success("Import is ongoing.", body, headers=POLL_AGAIN)
    if import_.state != State.COMPLETED:
        return failed(import_)
    return _completed(request, import_)


def _completed(request: HttpRequest, import_: Import) -> HttpResponse:
    # The number was read before the document: what changes in between is in the
    # document of an older number, and the next poll gets it once more.
    etag = f'"{SHAPE}-{vars(import_)["change_number"]}"'
    if is_known(request, etag):
        return not_modified(etag)
    PollCompleted().check(request)
    with one_snapshot():
        # It may have been reverted since its state was read.
        found = Import.objects.completed().filter(pk=import_.pk)
        documents = import_documents(found)
    if not documents:
        return failure(404, NO_IMPORT)
    body = {"importStatus": "completed", "import": documents[0]}
    return success("Import was completed!", body, headers={"ETag": etag})
