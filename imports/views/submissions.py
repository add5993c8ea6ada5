from itertools import chain
from typing import Annotated, Any, NotRequired, TypedDict

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from imports.documents import ImportDocument
from imports.formats import FORMATS
from imports.formats.batch_manual import NO_GAME
from imports.formats.batch_manual_schema import MOST_VERSION
from imports.formats.reference import form_fields
from imports.orphans import retry
from imports.pipeline import Sent, submit
from imports.preview import ImportPreview, preview
from imports.uploads import (
    BAD_FILE,
    NO_FILE,
    kept_fields,
    offered_here,
    one_file,
    require_length,
)
from imports.views.answers import Queued, outcome
from imports.views.sent import is_true, json_of, sent_by
from scores.games import PLAYTYPES
from tachi.accounts.authentication import user_of
from tachi.accounts.models import Permission
from tachi.accounts.permissions import TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.parsing import JSONParser, unread
from tachi.api.rendering import JSONResponse
from tachi.api.requests import api_request
from tachi.api.throttles import Normal, ScoreImport
from tachi.api.trying import trying
from tachi.api.validation import one_of, optional, string, validate
from tachi.api.viewsets import ResourceViewSet
from tachi.jobs.models import Job
from tachi.jobs.views import QueuedJob, queued
from tachi.schema import Value, document

FILES = [each for name, each in FORMATS.items() if name.startswith("file/")]
NO_FORM = "Send a form (multipart/form-data) with importType and the file."
PREVIEWED = "This is what importing it would do. Nothing was stored."
PREVIEW = {
    "preview": optional(one_of("true", "false")).described(
        "`true`: nothing is imported and nothing stored, and the answer, 200, is what"
        " importing it would do. An `Idempotency-Key` means nothing then."
    )
}
SUBMISSION: dict[str, Any] = {
    "query": PREVIEW,
    "also": {202: Queued},
    "tag": "imports",
    "response_headers": {"Retry-After": "With 202: seconds to the first poll."},
    "refuses": {
        409: "For a preview: other changes of your scores take too long.",
        422: "The Idempotency-Key was used for something else.",
        "4XX": "The document is refused, or the import failed; with its own status.",
        "5XX": "The import failed by a bug of ours, or of a third party.",
    },
}
INTENT = {
    "X-User-Intent": "`true` where a person asked for this import.",
    "Idempotency-Key": "A name for this import: sent again within a day, it is the same"
    " import again. Up to 255 printable characters.",
}
INFER = {
    "X-Infer-Score-TimeAchieved": "`true`: a single score is given the request's time."
}
BATCH_MANUAL = {
    "type": "object",
    "description": "A BATCH-MANUAL document; /api/v1/schemas/batch-manual has its"
    " JSON Schema for each game and playtype.",
    "properties": {
        "meta": document(
            service=string(3, 60),
            game=one_of(*PLAYTYPES),
            playtype=one_of(*dict.fromkeys(chain(*PLAYTYPES.values()))).or_absent(),
            version=string(most=MOST_VERSION).or_null().or_absent(),
        ).json_schema(),
        "scores": {"type": "array", "items": {"type": "object"}},
        "classes": {"type": ["object", "null"]},
    },
    "required": ["meta", "scores"],
}
UPLOAD = {
    "importType": one_of(*(each.import_type for each in FILES)),
    "scoreData": {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "format": "binary",
        "description": "The file, below 16 MiB.",
    },
    **{
        name: NotRequired[Annotated[str, meaning]]
        for name, meaning in form_fields(FILES).items()
    },
}


class Reprocessed(TypedDict):
    """What became of a player's orphans."""

    processed: int
    failed: int
    success: int
    removed: int


class SubmissionViewSet(ResourceViewSet):
    """What users send for import, or once more for import."""

    permission_classes = [TokenMay(Permission.SUBMIT_SCORE)]

    @action(
        detail=False,
        methods=["post"],
        parser_classes=[MultiPartParser, JSONParser],
        throttle_classes=[Normal, ScoreImport],
    )
    @answers(
        ImportDocument | ImportPreview,
        name="import_file",
        form=UPLOAD,
        headers=INTENT,
        **SUBMISSION,
    )
    def file(self, request: Request) -> JSONResponse:
        """Import a score file: the field `scoreData`, of the type `importType`.

        202 with the address to poll, or the import's document where imports run in
        the request. Further text fields are for the parser of the format. A site
        offers the types that `IMPORT_TYPES` of `/api/v1/config` names.
        """
        file = score_file(request)
        import_type = validate(request.POST, _offered(), extra_keys_ok=True)[
            "importType"
        ]
        parameters = kept_fields(request.POST)
        payload = file.read()
        file.close()  # while it is imported, one copy of it is enough
        sent = sent_by(
            request, import_type, payload, filename=file.name, parameters=parameters
        )
        return imported(request, sent)

    @action(detail=False, methods=["post"])
    @answers(
        Reprocessed,
        tag="imports",
        name="import_orphans",
        also={202: QueuedJob},
        response_headers={"Retry-After": "With 202: seconds to the first poll."},
        refuses={409: "Other changes of your scores take too long."},
    )
    def orphans(self, request: Request) -> JSONResponse:
        """Try your orphans again: scores whose song or chart was not known.

        202 with the address to poll where there are 500 or more, unless imports run in
        the request. Only what became a score, or what you have deleted or blocked as a
        score, is an orphan no longer.
        """
        found = retry(user_of(request))
        if isinstance(found, Job):
            return queued(request, found)
        return success(f"Reprocessed {found['processed']} orphan scores.", found)


class DirectManualViewSet(ResourceViewSet):
    """What scripts send for import, from game websites for example."""

    permission_classes = [TokenMay(Permission.SUBMIT_SCORE)]
    throttle_classes = [Normal, ScoreImport]

    @action(detail=False, methods=["post"], url_path="import")
    @answers(
        ImportDocument | ImportPreview,
        name="import_direct_manual",
        sent=BATCH_MANUAL,
        headers=INTENT | INFER,
        **SUBMISSION,
    )
    def import_document(self, request: Request) -> JSONResponse:
        """Import a BATCH-MANUAL document, which is the body.

        Answers like an upload of a file. With the header `X-Infer-Score-TimeAchieved`
        the time of a single score is that of the request.
        """
        if told := unread(api_request(request)):
            text = f"{NO_GAME} {told}"
            raise Refused(400, text, errors=[{"path": "", "message": text}])
        infer = is_true(request, "X-Infer-Score-TimeAchieved")
        parameters = {"infer": True} if infer else {}
        payload = json_of(request, request.data)
        sent = sent_by(request, "ir/direct-manual", payload, parameters=parameters)
        return imported(request, sent)


def imported(request: Request, sent: Sent) -> JSONResponse:
    """Import what was sent, or tell what that would do: `?preview=true`."""
    query = validate(request.query_params, PREVIEW, extra_keys_ok=True)
    if query.get("preview") == "true":
        with trying(sent.user.pk):
            told = preview(sent, within_bounds=True)
        return success(PREVIEWED, told)
    return outcome(request, submit(sent), polled=not settings.IMPORT_INLINE)


def _offered() -> dict[str, Value]:
    """The types that one may upload here, as a check of the form."""
    return {"importType": one_of(*(each.import_type for each in offered_here()))}


def score_file(request: Request) -> UploadedFile:
    """The one file of an upload, `scoreData`, below 16 MiB; 400 for anything else."""
    require_length(int(request.META.get("CONTENT_LENGTH") or 0))
    try:
        sent = request.FILES.lists()
    except (ParseError, SuspiciousOperation):
        raise Refused(400, BAD_FILE) from None
    is_form = request.content_type.startswith("multipart/form-data")
    return one_file(sent, NO_FILE if is_form else f"{NO_FILE} {NO_FORM}")
