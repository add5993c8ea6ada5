"""What was sent for an import: as the web client's *Input* tab reads it, and as it
came."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from imports.models import Import, ImportInput

NUMBERS = [str(byte).encode() for byte in range(256)]
CHUNK = 64 * 1024  # bytes


def input_document(import_: Import) -> bytes | None:
    """The input as JSON; None where it is not kept any more.

    Of a file: what it is, with its bytes as numbers, and the fields beside it. Of a
    JSON body: that, and for scores sent directly whether their time is inferred, for
    hooks what their address and headers said, if anything.
    """
    kept = ImportInput.objects.filter(of_import=import_).first()
    if kept is None:
        return None
    payload = zlib.decompress(kept.payload)
    if import_.import_type.startswith("file/"):
        return b"".join(_of_file(kept, payload))
    if import_.import_type == "ir/direct-manual":
        more = [bool(kept.parameters.get("infer"))]
    else:
        more = [kept.parameters] if kept.parameters else []
    return orjson.dumps([_json(payload), *more])


@dataclass(frozen=True)
class SentFile:
    """What was sent, as a file: byte for byte as it came."""

    name: str
    content: bytes


def sent_file(import_: Import) -> SentFile | None:
    """What was sent, as it came; None where it is not kept any more.

    What came without a name of its own, like the body of a request, is named by its
    type and id.
    """
    kept = ImportInput.objects.filter(of_import=import_).first()
    if kept is None:
        return None
    type_ = import_.import_type.replace("/", "-")
    name = kept.filename or f"{type_}-{import_.import_id[:12]}.json"
    return SentFile(name, zlib.decompress(kept.payload))


def _of_file(kept: ImportInput, payload: bytes) -> Iterator[bytes]:
    """In pieces: a number takes four characters for each byte of the file."""
    file = {
        "fieldname": "scoreData",
        "originalname": kept.filename,
        "encoding": "7bit",
        "mimetype": "application/octet-stream",
        "size": len(payload),
    }
    yield b"[" + orjson.dumps(file)[:-1] + b',"buffer":{"type":"Buffer","data":['
    for start in range(0, len(payload), CHUNK):
        piece = b",".join([NUMBERS[byte] for byte in payload[start : start + CHUNK]])
        yield b"," + piece if start else piece
    yield b"]}}," + orjson.dumps(kept.parameters) + b"]"


def _json(payload: bytes) -> object:
    """The JSON that was sent; the text itself where it is none."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
