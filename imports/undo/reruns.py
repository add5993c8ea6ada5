"""Undoing that an import was run again: what came of it goes without a trace.

Of an import and those that it was run again as, one at most is live. So a restore of an
import that was run again takes its rerun back in the same transaction, and everything
is as it was; the rerun's row goes too, which nobody has sent. Where the rerun is
reverted by now, or was run again itself, that is undone first.
"""

from collections.abc import Sequence

from django.db.models import Max

from imports.models import Import, ImportQuerySet, OrphanDiscard, State
from imports.once import hand_key
from imports.undo.retention import NotRestorable
from imports.undo.withdraw import holdings_of, withdraw
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.models import ClassClaim, ScoreDeletion

FIRST = (
    "It was run again as import {}, and that is reverted: restore that one instead, or"
    " first."
)
FIRST_THAT = (
    "It was run again, and that is reverted: restore that one instead, or first."
)


def require_reruns(imports: Sequence[Import]) -> list[Import]:
    """What these were run again as. Raises NotRestorable unless that is live."""
    reruns = _reruns(imports)
    for rerun in reruns:
        if rerun.state != State.COMPLETED:
            raise NotRestorable(FIRST.format(rerun.import_id))
    return reruns


def is_run_again(imports: Sequence[Import]) -> bool:
    """Whether any of these was run again."""
    return bool(_reruns(imports))


def without_live_reruns(imports: Sequence[Import | int]) -> set[int]:
    """Those of these (rows, or primary keys) that were run again as an import that is
    not live now; by primary key.
    """
    return {
        rerun.rerun_of_id or 0
        for rerun in _reruns(imports)
        if rerun.state != State.COMPLETED
    }


def take_back_reruns(imports: Sequence[Import], touched: Touched) -> None:
    """Remove what one player's reverted imports were run again as.

    Under the player's lock, before they are restored; the caller recalculates what
    their classes touch.
    """
    reruns = _reruns(imports)
    if not reruns:
        return
    withdraw(reruns, holdings_of(reruns), touched)
    old = {import_.pk: import_ for import_ in imports}
    for some in chunks(reruns):
        classes = ClassClaim.objects.filter(source_import__in=some)
        touched.profiles.update(classes.values_list("gpt", flat=True))
        classes.delete()
    for rerun in reruns:
        if rerun.idempotency_key:
            hand_key(rerun, old[rerun.rerun_of_id or 0])
            old[rerun.rerun_of_id or 0].save(update_fields=["idempotency_key"])
    for some in chunks(reruns):
        Import.objects.filter(pk__in=[rerun.pk for rerun in some]).delete()
    _end_with_the_last(touched.user_id)


def _reruns(imports: Sequence[Import | int]) -> list[Import]:
    found: list[Import] = []
    for some in chunks(imports):
        rows: ImportQuerySet = Import.objects.filter(rerun_of__in=some)
        found += rows.defer("errors", "problems", "class_deltas")
    return found


def _end_with_the_last(user_id: int) -> None:
    """The numbers of the removed imports are given to the next ones, for which nothing
    counts that was deleted or discarded before.
    """
    last = Import.objects.filter(user=user_id).aggregate(last=Max("sequence"))["last"]
    for made in (ScoreDeletion, OrphanDiscard):
        beyond = made._base_manager.filter(user=user_id, up_to_sequence__gt=last)
        beyond.update(up_to_sequence=last)
