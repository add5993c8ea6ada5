"""What a hook has sent, held to the schema of its format."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from imports.formats.refusals import Wrong, description, refuse, wrongs
from tachi.schema import Check

FOREWORD = "Invalid body"


def require(
    check: Check, body: Any, repeated: Iterable[Wrong] = (), foreword: str = FOREWORD
) -> None:
    """Raise ImportRefused with all that is wrong with a body, unless it is right.

    `repeated` are its keys that are given twice.
    """
    refuse(foreword, chain(wrongs(check.violations(body)), repeated))


def problem(check: Check, body: Any, foreword: str = FOREWORD) -> str:
    """What is wrong with it, as its sender reads it; "" where nothing is."""
    if check.accepts(body):  # the quick answer
        return ""
    violation = check.first(body)
    return description(foreword, violation) if violation else ""
