"""An import's life in the log and in metrics: a line when it is accepted, and one for
each run of it: there is one, unless its worker died or the database had trouble.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from imports.models import Import
from imports.models.imports import WAYS
from tachi import metrics
from tachi.logs import of_request, said
from tachi.statements import Statements

logger = logging.getLogger(__name__)

#: How a run ended that raised; one that was cut off is tried again.
CUT_OFF = "cut_off"


class Run:
    """A run of an import; whoever ends it says how."""

    outcome = CUT_OFF


def accepted(import_: Import, size: int) -> None:
    """Log that an import was accepted; `size` is in bytes."""
    line = _named(import_) | {"bytes": size}
    text = "Import %(importID)s was accepted: %(importType)s of user %(userID)s, "
    logger.info(text + "%(bytes)s bytes", line, extra=said(event="accepted", **line))


@contextmanager
def run_of(import_: Import) -> Iterator[Run]:
    """Log how a run ends, and count it; the request's id is that which brought it."""
    run, statements, began = Run(), Statements(), time.perf_counter()
    with of_request(import_.request_id), connection.execute_wrapper(statements):
        try:
            yield run
        finally:
            seconds = time.perf_counter() - began
            _ended(import_, run.outcome, seconds, statements.count)


@contextmanager
def at_once(import_: Import, size: int) -> Iterator[None]:
    """Log an import of `size` bytes that is accepted and completed in the block.

    Where the block raises nothing has happened, and there is nothing to log.
    """
    statements, began = Statements(), time.perf_counter()
    with connection.execute_wrapper(statements):
        yield
    seconds = time.perf_counter() - began
    accepted(import_, size)
    _ended(import_, "completed", seconds, statements.count)


def _ended(import_: Import, outcome: str, seconds: float, statements: int) -> None:
    counts = import_.ordered_counts if outcome == "completed" else {}
    rows = {name: number for name, number in counts.items() if name in WAYS}
    metrics.count_import(import_.import_type, outcome, seconds, statements, rows)
    line = {
        **_named(import_),
        "outcome": outcome,
        "counts": counts,
        "milliseconds": round(1000 * seconds, 1),
        "statements": statements,
        "lease": import_.lease_number,
    }
    text = (
        "Import %(importID)s of user %(userID)s, %(importType)s: %(outcome)s, "
        "%(milliseconds)s ms, %(statements)s SQL, %(counts)s"
    )
    logger.info(text, line, extra=said(event="ended", **line))


def _named(import_: Import) -> dict[str, Any]:
    return {
        "importID": import_.import_id,
        "userID": import_.user_id,
        "importType": import_.import_type,
    }
