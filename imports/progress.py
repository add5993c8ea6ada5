"""The progress of a running import, for those who poll it.

It is written outside of transactions: from inside, nobody would see it until the end.
"""

import math
import time
from typing import Annotated, TypedDict

from django.db import OperationalError, connection
from django.utils import timezone

from imports.models import Import, State
from imports.queue.leases import Superseded, own

INTERVAL_SECONDS = 0.5  # between two writes in one phase
FIRST_WRITE_SECONDS = 0.1  # from the start; small imports are done by then


class ProgressDocument(TypedDict):
    """How far an unfinished import is."""

    description: Annotated[str, "For people."]
    phase: Annotated[str, "`queued`, `starting`, and then what the worker is at."]
    done: Annotated[int, "Of `total`, in this phase."]
    total: Annotated[int | None, "Null while it is not known, like the next two."]
    percent: Annotated[int | None, "Of this phase."]
    etaSeconds: int | None


class Progress:
    """Writes to the import's row, at most twice a second and at once in a new phase."""

    def __init__(self, import_: Import) -> None:
        self.import_ = import_
        self.phase = ""
        self.last_write = 0.0
        self.started = time.monotonic()

    def __call__(
        self, phase: str, description: str, done: int = 0, total: int | None = None
    ) -> None:
        """Raises Superseded when the import is no longer this worker's."""
        now = time.monotonic()
        if phase == self.phase and now - self.last_write < INTERVAL_SECONDS:
            return
        if now - self.started < FIRST_WRITE_SECONDS or connection.in_atomic_block:
            return
        self.phase, self.last_write = phase, now
        self.write(phase=phase, description=description, done=done, total=total)

    def write(self, **values: str | int | None) -> None:
        try:
            written = own(self.import_).update(**values)
        except OperationalError:
            return  # a busy database; progress is not worth failing the import
        if not written:
            raise Superseded(self.import_.import_id)


def silent(
    phase: str, description: str, done: int = 0, total: int | None = None
) -> None:
    """Reports nothing, for what is not polled."""


def progress_document(import_: Import) -> ProgressDocument:
    """`{description, phase, done, total, percent, etaSeconds}` of an unfinished import.

    `description` is always a string; `total`, `percent` and `etaSeconds` are null
    while they are not known. `percent` is a whole number, of the phase.
    """
    if import_.state == State.QUEUED:
        return _queued(import_)
    return {
        "description": import_.description or "Importing.",
        "phase": import_.phase or "starting",
        "done": import_.done,
        "total": import_.total,
        "percent": _percent(import_),
        "etaSeconds": _eta_seconds(import_),
    }


def _queued(import_: Import) -> ProgressDocument:
    tried = import_.lease_number > 0
    return {
        "description": "Waiting to be tried again." if tried else "Queued.",
        "phase": "queued",
        "done": 0,
        "total": None,
        "percent": None,
        "etaSeconds": None,
    }


def _percent(import_: Import) -> int | None:
    if not import_.total:
        return None
    return min(100, 100 * import_.done // import_.total)


def _eta_seconds(import_: Import) -> int | None:
    """At the pace so far; null for later attempts, whose start is not stored."""
    if not (import_.total and import_.done and import_.started_at):
        return None
    if import_.lease_number > 1:
        return None
    elapsed = max(0.0, (timezone.now() - import_.started_at).total_seconds())
    left = max(0, import_.total - import_.done)
    return math.ceil(elapsed * left / import_.done)
