"""A preview of running imports again: they are, one by one, and that is rolled back."""

from collections.abc import Sequence

from django.conf import settings

from imports.class_review.with_reverts import withdraw_classes_of
from imports.models import Import, Orphan
from imports.pipeline import without_garbage_collection
from imports.undo.compared import compared, selection_of
from imports.undo.documents import Preview
from imports.undo.preview import NOBODY
from imports.undo.run_again import NotRunAgain, read_again
from imports.undo.told import told
from imports.undo.withdraw import holdings_of, withdraw
from scores.copy_rows import chunks
from scores.derived.change import trial_of
from scores.derived.recalculate import Touched


def preview_run_again(
    user_id: int,
    imports: Sequence[Import],
    playtype: str | None = None,
    *,
    withdraw_classes: bool = False,
) -> Preview:
    """What running these imports of one player again would do now, oldest first.

    Those that are not completed any more, or cannot be run again, are left out. They
    are read under the lock, each in its turn: no more than one is in memory. Raises
    `scores.locks.Busy`.
    """
    with (
        without_garbage_collection(),
        trial_of(user_id, settings.REVERT_WAIT_SECONDS),
    ):
        return told_of_reruns(
            user_id, imports, playtype, withdraw_classes=withdraw_classes
        )


def told_of_reruns(
    user_id: int,
    imports: Sequence[Import],
    playtype: str | None,
    *,
    withdraw_classes: bool = False,
) -> Preview:
    """The same, within a change of the player."""
    touched = Touched(user_id)
    tried: dict[int, Import] = {}  # by the primary keys of the new ones
    orphans_now: set[str] = set()

    def act() -> None:
        for pk in _in_order(user_id, imports):
            _try(pk, playtype, touched, tried, withdraw_classes)
        orphans_now.update(_orphans(list(tried)))

    _, both = compared(touched, act)
    found = list(tried.values())
    orphans = orphans_now ^ _orphans([import_.pk for import_ in found])
    new = {pk: import_.pk for pk, import_ in tried.items()}
    selection = selection_of(found, both, sorted(orphans), goes=True, new=new)
    selection.classes_go = withdraw_classes
    return told(selection, "removed", both.before, both.after)


def _in_order(user_id: int, imports: Sequence[Import]) -> list[int]:
    """The primary keys of those that are completed, in the order of their sequence."""
    found: list[tuple[int | None, int]] = []
    for pks in chunks(sorted({import_.pk for import_ in imports})):
        rows = Import.objects.completed().filter(pk__in=pks, user=user_id)
        found += rows.values_list("sequence", "pk")
    return [pk for _, pk in sorted(found, key=lambda pair: pair[0] or 0)]


def _try(
    pk: int,
    playtype: str | None,
    touched: Touched,
    tried: dict[int, Import],
    withdraw_classes: bool,
) -> None:
    """Run an import again, if it can be."""
    import_ = Import.objects.get(pk=pk)  # as it is by now: claims may have moved
    try:
        again = read_again(import_, playtype)
    except NotRunAgain:
        return
    own = Touched(import_.user_id)
    if withdraw_classes:
        withdraw_classes_of([import_], NOBODY, own)
    withdraw([import_], holdings_of([import_]), own)
    again.write(own)
    touched.also(own)
    tried[again.new.pk] = import_


def _orphans(imports: Sequence[int]) -> set[str]:
    found: set[str] = set()
    for pks in chunks(imports):
        orphans = Orphan.objects.filter(source_import__in=pks)
        found.update(orphans.values_list("orphan_id", flat=True))
    return found
