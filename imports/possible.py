"""What may be done with an import in the state it is in, for pages that offer it.

Only the verbs, which ask under their locks, decide; and whose right it is, is asked
elsewhere (`imports.batches.rights`, permissions).
"""

from datetime import datetime

from imports.formats import FORMATS
from imports.models import Import, ImportInput, Revert, State
from imports.queue import stops
from imports.undo.reruns import without_live_reruns
from imports.undo.retention import restorable_until


def possible(import_: Import) -> set[str]:
    """Of "revert", "run again", "restore", "cancel" and "retry" those that are possible
    now; three statements at most.
    """
    if import_.state == State.COMPLETED:
        may_run = import_.import_type in FORMATS and _is_kept(import_)
        return {"revert", "run again"} if may_run else {"revert"}
    if import_.state == State.REVERTED:
        return {"restore"} if _may_return(import_) else set()
    if import_.state in (State.QUEUED, State.RUNNING):
        return {"cancel"}
    if import_.state == State.FAILED and _is_kept(import_):
        stopped = stops.reason(import_.user, import_.token)
        return set() if stopped else {"retry"}
    return set()


def _is_kept(import_: Import) -> bool:
    return ImportInput.objects.filter(of_import=import_).exists()


def _may_return(import_: Import) -> bool:
    if restorable_by(import_) is None:
        return False
    return not without_live_reruns([import_])


def restorable_by(import_: Import) -> datetime | None:
    """Until when a reverted import could come back; None where that is over."""
    reverts = Revert.objects.filter(of_import=import_, restored_at=None)
    kept = reverts.exclude(snapshot=None).defer("snapshot").select_related("batch")
    revert = kept.first()
    return None if revert is None else restorable_until(revert)
