"""Which format a file is of, where nobody said it."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from imports.formats.base import Format
from tachi.encodings import NotUnicode, as_utf8


class Recognised(NamedTuple):
    """The format of a file, and by what it shows."""

    format: Format
    reason: str


class NotRecognised(Exception):
    """No format, or more than one: what was tried, or which they are."""


def recognise(payload: bytes, filename: str, formats: Iterable[Format]) -> Recognised:
    """The one format that the file shows to be of. Raises NotRecognised."""
    tried, found = [], []
    with suppress(NotUnicode):  # of what is not, the format tells where
        payload = as_utf8(payload)
    for format_ in formats:
        if format_.recognises is None:
            continue
        tried.append(format_.import_type)
        if reason := format_.recognises(payload, filename):
            found.append(Recognised(format_, reason))
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotRecognised(f"it is none of {', '.join(tried)}")
    told = "; ".join(f"{each.format.import_type}: {each.reason}" for each in found)
    raise NotRecognised(f"it may be any of these: {told}")
