"""Poll-status, which a client asks for every second while it waits.

A plain view and one statement: REST framework and the ORM would be most of its cost.
"""

from typing import Literal, TypedDict

from django.http import HttpRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from imports.documents import UNLISTED, ImportDocument, import_document
from imports.models import Import, State
from imports.progress import ProgressDocument, progress_document
from imports.views.answers import POLL_AGAIN, failed
from tachi.api.envelope import failure, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.throttles import Poll, limited

ROW = """
    SELECT id, state, lease_number, started_at, phase, description, done, total,
           error_status, error_text
    FROM imports_import WHERE import_id = %s
"""


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
    response_headers={"Retry-After": "While it is ongoing: seconds to the next poll."},
    refuses={
        "4XX": "The import failed; the status and the description are its own.",
        "5XX": "The import failed by a bug of ours, or of a third party.",
    },
    limits=[Poll],
)
@csrf_exempt
@require_safe
@limited(Poll)
def poll_status(request: HttpRequest, import_id: str) -> JSONResponse:
    """The progress of an import, or how it ended; for anybody who knows its id."""
    import_ = next(iter(Import.objects.raw(ROW, [import_id])), None)
    if import_ is None or import_.state == State.REVERTED:
        return failure(404, "There is no import of this ID, ongoing or done.")
    if import_.state in (State.QUEUED, State.RUNNING):
        body = {"importStatus": "ongoing", "progress": progress_document(import_)}
        return success("Import is ongoing.", body, headers=POLL_AGAIN)
    if import_.state != State.COMPLETED:
        return failed(import_)
    import_ = Import.objects.defer(*UNLISTED).get(pk=import_.pk)
    body = {"importStatus": "completed", "import": import_document(import_)}
    return success("Import was completed!", body)
