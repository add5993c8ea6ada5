"""Until when reverts can be undone, or why not any more, said to people."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from imports.models import Revert
from imports.undo.reruns import FIRST_THAT
from imports.undo.retention import restorable_until


class Restorable(NamedTuple):
    """Until when; None with `held`, as long as its batch is held, or has not ended.

    `why_not` says why it cannot be any more, and is empty where it can.
    """

    until: datetime | None
    held: bool = False
    why_not: str = ""

    @property
    def can_be(self) -> bool:
        return not self.why_not


def restorable(
    revert: Revert, *, is_kept: bool, run_again: Collection[int]
) -> Restorable:
    """How a revert stands, whose batch is loaded; no statement.

    `is_kept` says whether what the import held is there still; `run_again` are imports
    (primary keys) that were run again as one that is not live.
    """
    if revert.restored_at is not None:
        return Restorable(None, why_not="It is restored.")
    until = restorable_until(revert)
    if until is None:
        return Restorable(None, why_not="The time for it is over.")
    if not is_kept:
        return Restorable(None, why_not="What it held is not kept any more.")
    if revert.of_import_id in run_again:
        return Restorable(None, why_not=FIRST_THAT)
    batch = revert.batch
    if batch is not None and (batch.held or batch.finished_at is None):
        return Restorable(None, held=True)
    return Restorable(until)
