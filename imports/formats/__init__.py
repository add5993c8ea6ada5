"""The import types this server understands. A new one is a module and a line here."""

from imports.formats import batch_manual, beatoraja, lr2hook, usc
from imports.formats.base import Format

FORMATS: dict[str, Format] = {
    format_.import_type: format_
    for format_ in (
        batch_manual.FILE,
        batch_manual.DIRECT,
        beatoraja.FORMAT,
        lr2hook.FORMAT,
        usc.FORMAT,
    )
}


def offered(kind: str) -> list[Format]:
    """The formats that a server of this kind (kamai, boku or omni) offers."""
    kinds = {"kamai", "boku"} if kind == "omni" else {kind}
    return [format_ for format_ in FORMATS.values() if kinds & set(format_.servers)]


def get_format(import_type: str) -> Format:
    """The format of that import type. Raises KeyError for one we do not have."""
    return FORMATS[import_type]
