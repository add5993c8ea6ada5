"""What a hook has sent, held to the schema of its format."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from imports.formats.refusals import Wrong, description, refuse, wrong, wrongs
from tachi.schema import Check

FOREWORD = "Invalid body"


def require(
    check: Check, body: Any, repeated: Iterable[Wrong] = (), foreword: str = FOREWORD
) -> None:
    """Raise ImportRefused with all that is wrong with a body, unless it is right.

    `repeated` are its keys that are given twice.
    """
    refuse(foreword, chain(wrongs(check.violations(body)), repeated))


def require_parts(
    parts: Mapping[str, Check],
    body: Mapping[str, Any],
    repeated: Iterable[Wrong],
    foreword: str,
) -> None:
    """The same of a body's parts; the foreword names the first that is wrong, within
    which its path is told.
    """
    found = chain.from_iterable(
        check.violations(body.get(name), (name,)) for name, check in parts.items()
    )
    first = next(found, None)
    if first is None:
        refuse(foreword, repeated)
        return
    part, *place = first.place
    within = wrong(first._replace(place=tuple(place)))
    told = Wrong(wrong(first).problem, within.text)
    rest = chain(wrongs(found), repeated)
    refuse(f"{foreword} - {str(part).title()}", chain([told], rest))


def problem(check: Check, body: Any, foreword: str = FOREWORD) -> str:
    """What is wrong with it, as its sender reads it; "" where nothing is."""
    if check.accepts(body):  # the quick answer
        return ""
    violation = check.first(body)
    return description(foreword, violation) if violation else ""
