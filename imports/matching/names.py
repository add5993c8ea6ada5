"""What a row calls its chart, and the answer where that means none."""

import json
from typing import NamedTuple

from imports.failures import FailureType

LONGEST_QUOTE = 100  # characters of what a sender is told of his own words


class Name(NamedTuple):
    """What a row of an import calls its chart."""

    match_type: str
    identifier: str
    difficulty: str | None = None
    artist: str | None = None
    version: str | None = None  # where it is not that of the whole import


class NoMatch(NamedTuple):
    """Why a name means no chart: a failure type of the wire, and a message."""

    type: FailureType
    message: str


def invalid(message: str) -> NoMatch:
    return NoMatch(FailureType.INVALID, message)


def not_found(message: str) -> NoMatch:
    return NoMatch(FailureType.NOT_FOUND, message)


def quoted(text: str) -> str:
    """What was received in quotation marks, so that spaces show; not endless."""
    if len(text) > LONGEST_QUOTE:
        text = f"{text[:LONGEST_QUOTE]}..."
    return json.dumps(text, ensure_ascii=False)
