"""Rows of imports of which none are stored: they are from before, or long reverted."""

from collections.abc import Iterator

from imports.formats.refusals import cut
from imports.models import Import
from imports.rows.now import claimed
from imports.rows.outcomes import ORPHANED
from imports.rows.packed import Row
from scores.models import Score


def rows_known(import_: Import) -> list[Row]:
    """What can be told of them, in order: errors that are kept, scores, and claims.

    Rows that were blocked, that repeated others, and that failed behind the errors that
    are kept are missing; there is no `input`. A score that came from an orphan since is
    still told as that.
    """
    rows = {row.position: row for row in _failed(import_)}
    own = Score.objects.filter(source_import=import_)
    for position in own.values_list("position", flat=True):
        rows.setdefault(position, Row(position, "imported"))
    for position in claimed(import_).values():
        rows.setdefault(position, Row(position, "held"))
    return [rows[position] for position in sorted(rows)]


def _failed(import_: Import) -> Iterator[Row]:
    for error in import_.errors:
        if "position" in error:
            yield Row(
                error["position"],
                "orphaned" if error["type"] in ORPHANED else "rejected",
                error.get("line"),
                error["type"],
                cut(error["message"]),
            )
