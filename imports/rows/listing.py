"""The rows of an import on the wire.

What became of a row is told as it was when the import ran; `scoreID` and `heldBy` are
looked up on read, and are those of today.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

from imports.failures import FailureType
from imports.formats.refusals import cut
from imports.models import Import, ImportRows
from imports.rows.before import rows_known
from imports.rows.now import Place, places
from imports.rows.packed import Packed, Row

NOWHERE = Place()
BLOCKED = "Its player has blocked this score, and does not want to see it again."


class RowDocument(TypedDict):
    """A row of what was sent, and what became of it."""

    position: Annotated[int, "Its place in what was sent, from 0 on."]
    line: Annotated[int | None, "Its line, from 1 on, where it was sent in lines."]
    outcome: Literal["imported", "held", "orphaned", "rejected", "blocked"]
    type: Annotated[FailureType | None, "Why it made no score, as in `errors`."]
    message: Annotated[str | None, "What to know of it, for people."]
    scoreID: Annotated[str | None, "Its score, if there is one now."]
    heldBy: Annotated[str | None, "The import that owns the score now."]
    differs: Annotated[list[str], "What it said otherwise than its score did."]
    filled: Annotated[list[str], "What it added to its score."]
    input: Annotated[Any, "The row as it was read; for its owner only, else null."]


class Rows(NamedTuple):
    """Some rows of an import, and whether more come behind them."""

    rows: list[Row]
    more: bool


def page(import_: Import, outcome: str | None, after: int, limit: int) -> Rows:
    """Up to `limit` rows behind a position, with an outcome or any."""
    packed = _packed(import_)
    if packed is None:
        found = [
            row
            for row in rows_known(import_)
            if row.position > after and outcome in (None, row.outcome)
        ]
        return Rows(found[:limit], len(found) > limit)
    positions = iter(packed.positions(outcome, after))
    wanted = list(islice(positions, limit))
    return Rows(list(packed.rows(wanted)), next(positions, None) is not None)


def every(import_: Import, outcome: str | None = None) -> Iterable[Row]:
    """All rows with an outcome, or any; details are read as they are asked for."""
    packed = _packed(import_)
    if packed is not None:
        return packed.rows(packed.positions(outcome))
    return [row for row in rows_known(import_) if outcome in (None, row.outcome)]


def not_imported(import_: Import) -> Iterable[Row]:
    """All rows that made no score of their own."""
    packed = _packed(import_)
    if packed is not None:
        return packed.rows(packed.positions_but("imported"))
    return [row for row in rows_known(import_) if row.outcome != "imported"]


def page_documents(
    import_: Import, rows: Iterable[Row], *, with_input: bool
) -> list[RowDocument]:
    """Rows of a page as documents."""
    found = places(import_, {_placed_at(row) for row in rows})
    return [_document(import_, row, found, with_input) for row in rows]


def every_document(
    import_: Import, outcome: str | None, *, with_input: bool
) -> Iterator[RowDocument]:
    """All rows with an outcome, or any, as documents: made as they are asked for, of
    what is read at once.
    """
    rows, found = every(import_, outcome), places(import_)
    return (_document(import_, row, found, with_input) for row in rows)


def _placed_at(row: Row) -> int:
    """The position whose score is the row's: of the row that it repeats, or its own."""
    return row.position if row.repeats is None else row.repeats


def _packed(import_: Import) -> Packed | None:
    """None for an import from before rows were stored."""
    stored = ImportRows.objects.filter(of_import=import_)
    packed = stored.values_list("packed", flat=True).first()
    return None if packed is None else Packed(packed)


def _document(
    import_: Import, row: Row, found: dict[int, Place], with_input: bool
) -> RowDocument:
    place = found.get(_placed_at(row), NOWHERE)
    own = row.outcome != "held" and place.owner == import_.import_id
    return {
        "position": row.position,
        "line": row.line,
        "outcome": row.outcome,  # type: ignore[typeddict-item]
        "type": row.type,  # type: ignore[typeddict-item]
        "message": _message(row),
        "scoreID": place.score_id,
        "heldBy": None if own else place.owner,
        "differs": list(row.differs),
        "filled": list(row.filled),
        "input": row.input if with_input else None,
    }


def _message(row: Row) -> str | None:
    if row.outcome == "blocked":
        return BLOCKED
    if row.repeats is None:
        return row.message
    repeated = f"It says the same as the row at position {row.repeats} of this import."
    return cut(f"{row.message} {repeated}" if row.message else repeated)
