"""The rows of an import that is just written, and how many ended in which way."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from imports.claims import Claimed, Held
from imports.failures import FailureType
from imports.formats.refusals import cut
from imports.models import Import
from imports.models.imports import WAYS
from imports.read import ReadImport
from imports.rows.packed import Row
from tachi.api.times import utc_text

TIME = "timeAchieved"
#: Of rows whose song or chart is not known, whether they were orphans before or not.
ORPHANED = {FailureType.NOT_FOUND, FailureType.ORPHAN_EXISTS}


def rows_of(
    import_: Import,
    read: ReadImport,
    claimed: Claimed,
    errors: Iterable[Mapping[str, Any]],
    same_orphans: Mapping[int, int],
) -> list[Row]:
    """Each row of the input, in order, and how it ended.

    Once the scores are written. `errors` are all failures as the import's document has
    them, `same_orphans` the positions of rows that repeat one that was orphaned.
    """
    own = (
        row.position for row in claimed.new_rows if row.source_import_id == import_.pk
    )
    ended = {at: Row(at, "imported", message=read.notes.get(at)) for at in own}
    ended |= {row.position: row for row in _failed(errors, same_orphans)}
    ended |= {row.position: row for row in _held(read, claimed.held)}
    ended |= {at: Row(at, "blocked") for at in claimed.blocked}
    lines, entries = read.parsed.lines, read.parsed.entries
    return [
        ended[at]._replace(line=lines[at] if lines else None, input=entry)
        for at, entry in enumerate(entries)
    ]


def counts_of(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows ended in which way; `total` is how many there are.

    `differing` and `filled` are among those that are held; `otherTime`, where
    there are any, are those that say another time.
    """
    ended = Counter(row.outcome for row in rows)
    counts = {way: ended[way] for way in WAYS}
    counts["differing"] = sum(bool(row.differs) for row in rows)
    counts["filled"] = sum(bool(row.filled) for row in rows)
    counts["total"] = len(rows)
    if other_time := sum(TIME in row.differs for row in rows):
        counts["otherTime"] = other_time
    return counts


def _failed(
    errors: Iterable[Mapping[str, Any]], same_orphans: Mapping[int, int]
) -> Iterator[Row]:
    for error in errors:
        outcome = "orphaned" if error["type"] in ORPHANED else "rejected"
        position = error["position"]
        yield Row(
            position,
            outcome,
            type=error["type"],
            message=error["message"],
            repeats=same_orphans.get(position),
        )


def _held(read: ReadImport, held: Mapping[int, Held]) -> list[Row]:
    """Those whose scores were known, or that repeat another row of the document."""
    if not held:
        return []
    first: dict[str, int] = {}
    for score in read.scores:
        first.setdefault(score.score_id, score.position)
    known = [score for score in read.scores if score.position in held]
    rows = []
    for score in known:
        differs, filled, known_time = held[score.position]
        told = [
            _of_time(known_time, score.time_achieved)
            if known_time is not None and score.time_achieved is not None
            else _of_others(differs),
            read.notes.get(score.position, ""),
        ]
        earliest = first[score.score_id]
        rows.append(
            Row(
                score.position,
                "held",
                message=cut(" ".join(filter(None, told))) or None,
                differs=differs,
                filled=filled,
                repeats=earliest if earliest != score.position else None,
            )
        )
    return rows


def _of_time(known: int, said: int) -> str:
    return (
        f"This score is known with another time: {utc_text(known)}; this row says"
        f" {utc_text(said)}. What was sent first is kept. If that is wrong,"
        " its owner reverts the earlier import (heldBy), and this one counts."
    )


def _of_others(differs: Sequence[str]) -> str:
    if not differs:
        return ""
    return f"This score is known, with another {', '.join(differs)}: that is kept."
