"""What an upload may be, whichever face takes it: which types a site offers, one file
and how large, and the fields beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from imports.formats import offered_files
from imports.formats.base import Format
from tachi.api.envelope import Refused
from tachi.encodings import WHAT_TO_DO

FIELD = "scoreData"
#: Beside the file, for the fields of the form, in bytes.
ROOM_FOR_FIELDS = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
NO_FILE = f"Expected a file for field {FIELD}."
BAD_FILE = "File provided was too large, corrupt, or provided in the wrong field."


def offered_here() -> list[Format]:
    """What a site of this kind lets one upload; another type does not exist for it."""
    return offered_files(settings.SERVER_TYPE)


def require_length(length: int) -> None:
    """Refuse (400) a form that is longer than any that holds a file, before it is
    read.
    """
    if length > settings.MAX_UPLOAD_BYTES + ROOM_FOR_FIELDS:
        raise Refused(400, BAD_FILE)


def one_file(
    sent: Iterable[tuple[str, Iterable[Any]]], told: str = NO_FILE
) -> UploadedFile:
    """The one file of an upload, `scoreData`, below 16 MiB; 400 for anything else.

    `told` is said where there is none.
    """
    files = [(name, file) for name, of in sent for file in of]
    if not files:
        raise Refused(400, told)
    (name, file), *others = files
    if others or name != FIELD or file.size >= settings.MAX_UPLOAD_BYTES:
        raise Refused(400, BAD_FILE)
    return file


def kept_fields(sent: Mapping[str, Any]) -> dict[str, str]:
    """The text fields beside the file, for the format's parser.

    Raises Refused (400) for one that is no text, or none that a database keeps.
    """
    fields = {name: str(of) for name, of in sent.items() if name != "importType"}
    for pair in fields.items():
        for text in pair:
            _require_kept(pair[0], text)
    return fields


def _require_kept(name: str, text: str) -> None:
    """Django has put U+FFFD where bytes are no UTF-8."""
    where = f"The field {name[:100]!r}"
    if (at := text.find("\0")) >= 0:
        raise Refused(400, f"{where} contains the NUL character, at character {at}.")
    if (at := text.find("\ufffd")) >= 0:
        offset = len(text[:at].encode())
        raise Refused(
            400, f"{where} is not UTF-8: byte {offset:,} of it is none. {WHAT_TO_DO}."
        )
