"""Previews that cannot lie: what reverting or restoring imports of a player would do.

They are reverted, or restored, as one set, under the player's lock and in a
transaction that is rolled back: what a preview tells is what would have come of it just
then. Nothing is stored, and nobody is woken. The number of statements grows with the
batches that rows are read and written in, and not with the number of imports.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.conf import settings

from imports.models import Import, Orphan, Revert, State
from imports.undo.compared import compared, selection_of
from imports.undo.documents import Preview, together
from imports.undo.reruns import is_run_again, without_live_reruns
from imports.undo.restore import bring_back, in_force
from imports.undo.retention import is_restorable
from imports.undo.told import Selection, told
from imports.undo.withdraw import holdings_of, withdraw
from scores import edits
from scores.copy_rows import chunks
from scores.derived.change import trial_of
from scores.derived.recalculate import Touched
from scores.tried_out import both_ends

__all__ = [
    "Preview",
    "TooManyScores",
    "preview_of_all",
    "preview_restores",
    "preview_reverts",
    "require_few_enough",
    "together",
    "told_of_reverts",
    "too_many_scores",
]


class TooManyScores(Exception):
    """A request makes no preview of so many scores."""

    status = 409

    @property
    def text(self) -> str:
        return (
            f"A request tries out no more than {settings.PREVIEW_SCORES:,} scores. The"
            " preview of a batch is made by a worker."
        )


def too_many_scores(imports: Iterable[Import]) -> bool:
    """Whether these have more scores than a request tries out (PREVIEW_SCORES).

    As many as they brought when they ran, those that were known among them.
    """
    counts = (import_.counts for import_ in imports)
    brought = sum(each.get("imported", 0) + each.get("held", 0) for each in counts)
    return brought > settings.PREVIEW_SCORES


def require_few_enough(imports: Iterable[Import]) -> None:
    """Raise TooManyScores where there are."""
    if too_many_scores(imports):
        raise TooManyScores


def preview_reverts(
    user_id: int, imports: Sequence[Import], *, block: bool = False
) -> Preview:
    """What reverting these imports of one player would do now, as one set.

    Those that are not completed any more are left out. A player who waits to be rated
    again is so first: the changes are those of the reverts alone. Raises
    `scores.locks.Busy`.
    """
    with trial_of(user_id, settings.REVERT_WAIT_SECONDS):
        return told_of_reverts(user_id, imports, block=block)


def told_of_reverts(
    user_id: int, imports: Sequence[Import], *, block: bool = False
) -> Preview:
    """The same, within a change of the player."""
    found = _in_state(user_id, imports, State.COMPLETED)
    touched = Touched(user_id)
    blocking = partial(edits.block, user_id) if block else lambda pks: None
    orphans = _orphans_of(found)
    withdrawn, before, after = both_ends(
        touched, lambda: withdraw(found, holdings_of(found), touched, blocking)
    )
    selection = Selection(
        user_id,
        found,
        gone={
            score.score_id: (owner, score.chart, score.gpt)
            for owner, some in withdrawn.removed.items()
            for score in some
        },
        kept=[
            (moved, moved.before.source_import_id, moved.after.source_import_id)
            for moved in withdrawn.handed_on
        ],
        changed=withdrawn.changed,
        orphans=orphans,
    )
    return told(selection, "removed", before, after)


def preview_of_all(imports: Iterable[Import]) -> Preview:
    """What reverting these imports of any players would do now, player by player.

    Raises `scores.locks.Busy`.
    """
    by_player = defaultdict(list)
    for import_ in imports:
        by_player[import_.user_id].append(import_)
    return together(preview_reverts(*of_player) for of_player in by_player.items())


def preview_restores(user_id: int, imports: Sequence[Import]) -> Preview:
    """What restoring these reverted imports of one player would do now, as one set.

    Those that are not reverted any more, or cannot be restored, are left out. Raises
    `scores.locks.Busy`.
    """
    with trial_of(user_id, settings.REVERT_WAIT_SECONDS):
        return _told_of_restores(user_id, imports)


def _told_of_restores(user_id: int, imports: Sequence[Import]) -> Preview:
    found = {each.pk: each for each in _in_state(user_id, imports, State.REVERTED)}
    hindered = without_live_reruns(list(found.values()))
    reverts: dict[Import, Revert] = {
        found[revert.of_import_id]: revert
        for revert in in_force(list(found.values()))
        if is_restorable(revert) and revert.of_import_id not in hindered
    }
    touched = Touched(user_id)
    if is_run_again(list(reverts)):
        restored, both = compared(touched, lambda: bring_back(reverts, touched))
        selection = selection_of(list(reverts), both, restored.orphans, goes=False)
        return told(selection, "added", both.before, both.after)
    restored, before, after = both_ends(touched, lambda: bring_back(reverts, touched))
    selection = Selection(
        user_id,
        list(reverts),
        gone={
            row.score_id: (row.source_import_id, row.chart.pk, row.gpt)
            for row in restored.added
        },
        kept=[
            (moved, moved.after.source_import_id, moved.before.source_import_id)
            for moved in restored.taken_over
        ],
        changed=restored.changed,
        orphans=restored.orphans,
    )
    return told(selection, "added", before, after)


def _in_state(user_id: int, imports: Sequence[Import], state: State) -> list[Import]:
    """Those of the player's imports that are in this state now, read again."""
    found: list[Import] = []
    for pks in chunks(sorted({import_.pk for import_ in imports})):
        found += Import.objects.filter(pk__in=pks, user=user_id, state=state).defer(
            "errors", "problems", "class_deltas"
        )
    return found


def _orphans_of(imports: Sequence[Import]) -> list[str]:
    found: list[Any] = []
    for pks in chunks(import_.pk for import_ in imports):
        orphans = Orphan.objects.filter(source_import__in=pks)
        found += orphans.values_list("orphan_id", flat=True)
    return found
