"""Reading orphans once more, many together, whatever is in them."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from django.db import InterfaceError, OperationalError

from imports.failures import FailureType
from imports.formats import get_format
from imports.formats.base import Draft, Failure
from imports.models import Orphan
from imports.progress import silent
from imports.read import complete
from scores.score_rows import ReportedScore

logger = logging.getLogger(__name__)

UNREADABLE = "This row cannot be read any more. The log of the site says why."
Item = TypeVar("Item")
Result = TypeVar("Result")


class Row(NamedTuple):
    """An orphan, and the score that it would be, or what is wrong with it."""

    orphan: Orphan
    score: ReportedScore | None = None
    problem: str = ""


class Matched(NamedTuple):
    """An orphan, and what its format makes of it."""

    orphan: Orphan
    outcome: Draft | Failure


def read_again(orphans: Sequence[Orphan]) -> list[Row]:
    """The orphans as they are read with today's charts, in any order.

    Orphans that were sent in the same circumstances are matched together, of however
    many imports they are. One that cannot be read does not stop the others.
    """
    rows = []
    of_imports = defaultdict(list)
    for alike in _alike(orphans):
        for orphan, outcome in each_alone(alike, _match):
            outcome = outcome or _unreadable(orphan)
            of_imports[orphan.source_import_id].append(Matched(orphan, outcome))
    for matched in of_imports.values():
        for (orphan, _), row in each_alone(matched, _complete):
            rows.append(row or Row(orphan, problem=UNREADABLE))
    return rows


def each_alone(
    items: Sequence[Item], read: Callable[[Sequence[Item]], Sequence[Result]]
) -> Iterator[tuple[Item, Result | None]]:
    """Each item with its result of `read`; None for those at which that fails.

    They are read together, and by halves where that fails. Trouble of the database is
    raised: it is nobody's fault.
    """
    try:
        results = read(items)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(items) == 1:
            logger.exception("%r cannot be read.", items[0])
            yield items[0], None
            return
        half = len(items) // 2
        yield from each_alone(items[:half], read)
        yield from each_alone(items[half:], read)
    else:
        yield from zip(items, results, strict=True)


def _alike(orphans: Sequence[Orphan]) -> Iterator[list[Orphan]]:
    alike = defaultdict(list)
    for orphan in orphans:
        import_ = orphan.source_import
        alike[import_.import_type, repr(import_.context)].append(orphan)
    yield from alike.values()


def _unreadable(orphan: Orphan) -> Failure:
    return Failure(0, FailureType.INTERNAL, UNREADABLE, orphan.data)


def _match(orphans: Sequence[Orphan]) -> list[Draft | Failure]:
    import_ = orphans[0].source_import
    data = [orphan.data for orphan in orphans]
    return get_format(import_.import_type).convert(data, import_.context)


def _complete(matched: Sequence[Matched]) -> list[Row]:
    """The rows of one import, in their order."""
    outcomes = [
        replace(outcome, position=position)
        for position, (_, outcome) in enumerate(matched)
    ]
    scores, failures = complete(matched[0].orphan.source_import, outcomes, silent)
    found = {score.position: score for score in scores}
    problems = {failure.position: failure.message for failure in failures}
    return [
        Row(orphan, replace(found[position], position=orphan.position))
        if position in found
        else Row(orphan, problem=problems[position])
        for position, (orphan, _) in enumerate(matched)
    ]
