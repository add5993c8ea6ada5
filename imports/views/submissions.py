import orjson
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from rest_framework.decorators import api_view, parser_classes
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from imports.formats import FORMATS
from imports.orphans import reprocess
from imports.views.answers import is_true, submit
from tachi.accounts.models import Permission
from tachi.accounts.permissions import require_permission
from tachi.api.envelope import Refused, success
from tachi.api.parsing import JSONParser
from tachi.api.throttles import ScoreImport
from tachi.api.validation import one_of, validate

FILE = {"importType": one_of(*(name for name in FORMATS if name.startswith("file/")))}
ROOM_FOR_FIELDS = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
NO_FILE = "Expected a file for field scoreData."
BAD_FILE = "File provided was too large, corrupt, or provided in the wrong field."


@api_view(["POST"])
@parser_classes([MultiPartParser, JSONParser])
def import_file(request: Request):
    require_permission(request, Permission.SUBMIT_SCORE)
    ScoreImport().check(request)
    file = score_file(request)
    import_type = validate(request.POST, FILE, extra_keys_ok=True)["importType"]
    parameters = other_fields(request)
    return submit(
        request, import_type, file.read(), filename=file.name, parameters=parameters
    )


@api_view(["POST"])
def import_direct(request: Request):
    require_permission(request, Permission.SUBMIT_SCORE)
    ScoreImport().check(request)
    infer = is_true(request, "X-Infer-Score-TimeAchieved")
    parameters = {"infer": True} if infer else {}
    payload = orjson.dumps(request.data)
    return submit(request, "ir/direct-manual", payload, parameters=parameters)


@api_view(["POST"])
def import_orphans(request: Request):
    user = require_permission(request, Permission.SUBMIT_SCORE)
    body = reprocess(user)
    return success(f"Reprocessed {body['processed']} orphan scores.", body)


def score_file(request: Request) -> UploadedFile:
    """The one file of an upload, `scoreData`, below 16 MiB; 400 for anything else."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > settings.MAX_UPLOAD_BYTES + ROOM_FOR_FIELDS:
        raise Refused(400, BAD_FILE)
    try:
        sent = request.FILES.lists()
    except (ParseError, SuspiciousOperation):
        raise Refused(400, BAD_FILE) from None
    files = [(name, file) for name, of in sent for file in of]
    if not files:
        raise Refused(400, NO_FILE)
    (name, file), *others = files
    if others or name != "scoreData" or file.size >= settings.MAX_UPLOAD_BYTES:
        raise Refused(400, BAD_FILE)
    return file


def other_fields(request: Request) -> dict[str, str]:
    """The text fields beside the file, for the format's parser."""
    fields = {name: of for name, of in request.POST.items() if name != "importType"}
    if any("\0" in text for pair in fields.items() for text in pair):
        raise Refused(400, "A field contains the NUL character.")
    return fields
