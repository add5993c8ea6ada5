"""What becomes of entries whose charts were looked for: drafts of scores, failures."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from imports.failures import FailureType
from imports.formats.base import Draft, Failure
from imports.matching import NoMatch
from scores.models import Chart


class NoScore(Exception):
    """An entry makes no score, though its chart is known: why, for its sender."""


def outcomes(
    entries: Sequence[Any],
    found: Iterable[Chart | NoMatch],
    draft: Callable[[int, Any, Chart], Draft],
) -> list[Draft | Failure]:
    """For each entry, with what was found for it: its draft, or why there is none.

    `draft(position, entry, chart)` may raise NoScore.
    """
    return [
        _outcome(position, entry, each, draft)
        for position, (entry, each) in enumerate(zip(entries, found, strict=True))
    ]


def _outcome(
    position: int,
    entry: Any,
    found: Chart | NoMatch,
    draft: Callable[[int, Any, Chart], Draft],
) -> Draft | Failure:
    if isinstance(found, NoMatch):
        return Failure(position, found.type, found.message, entry)
    try:
        return draft(position, entry, found)
    except NoScore as why:
        return Failure(position, FailureType.INVALID, str(why), entry)
