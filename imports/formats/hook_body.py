"""What a hook has sent, held to the schema of its format."""

from typing import Any

from imports.formats.base import ImportRefused
from imports.formats.refusals import description
from tachi.schema import Check

FOREWORD = "Invalid body"


def require(check: Check, body: Any) -> None:
    """Raise ImportRefused, with what is wrong first, unless a body is right."""
    if wrong := problem(check, body):
        raise ImportRefused(wrong)


def problem(check: Check, body: Any, foreword: str = FOREWORD) -> str:
    """What is wrong with it, as its sender reads it; "" where nothing is."""
    if check.accepts(body):  # the quick answer
        return ""
    violation = check.first(body)
    return description(foreword, violation) if violation else ""
