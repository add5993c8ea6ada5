"""What a command tells of a completed import: each row that made no score, and why."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from imports.documents import counts_document, listed_errors
from imports.models import Import, State
from imports.models.imports import WAYS
from imports.rows.listing import every
from imports.rows.packed import Row
from imports.rows.sentence import sentence
from tachi.admin.formatting import in_one_line

MOST_TOLD = 50  # rows


def as_object(import_: Import) -> dict[str, Any]:
    """For a script: `{importID, importType, state, counts, errors, …}`.

    Of one that failed, `status`, `error` and `errors`, the problems of its document, in
    place of the last two.
    """
    said = {
        "importID": import_.import_id,
        "importType": import_.import_type,
        "state": import_.state,
    }
    if import_.state != State.COMPLETED:
        return {
            **said,
            "status": import_.error_status,
            "error": import_.error_text,
            "errors": import_.problems or [],
        }
    return {
        **said,
        "description": sentence(import_.counts),
        "counts": counts_document(import_.counts),
        **listed_errors(import_),
    }


def as_text(import_: Import) -> Iterator[str]:
    """For a person: the counts in a line, and a line for each row to look at."""
    counts = counts_document(import_.counts)
    named = ", ".join(f"{counts[way]} {way}" for way in (*WAYS, "total"))  # type: ignore[literal-required]
    yield f"Import {import_}: {named}."
    rows = (row for row in every(import_) if _is_worth_a_look(row))
    for row in islice(rows, MOST_TOLD):
        where = f"position {row.position}"
        if row.line is not None:
            where = f"line {row.line} ({where})"
        ended = "held, differs" if row.outcome == "held" else row.outcome
        yield f"  {where}, {ended}: {in_one_line(row.message or '')}"
    if more := sum(1 for _ in rows):
        address = f"/api/v1/imports/{import_}/rows.csv"
        yield f"  … and {more} more; see {address}."


def _is_worth_a_look(row: Row) -> bool:
    return row.outcome in ("orphaned", "rejected") or bool(row.differs)
