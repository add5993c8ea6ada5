"""A player wipes his profile in a game: his own imports, drafted and confirmed at once.

Whole imports are reverted. One that holds something of another playtype, too, stays:
what was not asked for does not go.
"""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from imports.batches import control
from imports.batches.busy import refused
from imports.batches.draft import draft
from imports.models import BatchImport, Import, Origin, RequestedBy, RevertBatch
from imports.playtypes import of_others, of_playtype
from tachi.accounts.models import User

REASON = "The player wiped this profile."


class Wiped(NamedTuple):
    """The batch that reverts the imports, None where there are none (any more), and
    how many stay because they hold something of another playtype, too.
    """

    batch: RevertBatch | None
    staying: int


def wipe(user: User, gpt: str) -> Wiped:
    """Have all imports of a player reverted that are of this game and playtype alone.

    By the workers, or by `run.run_to_end`. The classes that they provided go, too. The
    batch is the player's: he may restore it. What a batch of his own is about to revert
    is not in another one, so that a second wipe does nothing.
    """
    game, playtype = gpt.split(":")
    with transaction.atomic():
        # A second request of the same user waits here, and finds this one's batch.
        User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        completed = Import.objects.completed().filter(user=user, game=game)
        found = completed.filter(of_playtype(playtype))
        staying = found.filter(of_others(playtype)).count()
        alone = found.exclude(of_others(playtype))
        ids = alone.exclude(pk__in=_under_way(user)).values_list("import_id", flat=True)
        return Wiped(_batch(user, gpt, list(ids)), staying)


def _under_way(user: User) -> QuerySet[BatchImport, Any]:
    """Imports that a batch which the user has confirmed will come to by itself."""
    of_batches = BatchImport.objects.filter(
        batch__state__in=control.AT_WORK,
        batch__confirmed_by=user,
        batch__restoring=False,
        state=BatchImport.State.WAITING,
    )
    ahead = of_batches.exclude(batch__state=RevertBatch.State.CANCELLING)
    return ahead.exclude(of_import=None).values("of_import")


def _batch(user: User, gpt: str, import_ids: list[str]) -> RevertBatch | None:
    if not import_ids:
        return None
    by = RequestedBy(user, Origin.API, REASON)
    batch = draft(
        by,
        import_ids=import_ids,
        preview=False,
        note=f"A wipe of {gpt}.",
        withdraw_classes=True,
        confirmed_at_once=True,
    )
    return control.confirm(batch, by, None, len(import_ids))


def told(wiped: Wiped) -> str:
    """What becomes of the imports, in words for the player."""
    text = "Nothing is left to wipe."
    if wiped.batch is not None:
        text = f"Wiping {_imports(wiped.batch.imports)}, as batch {wiped.batch}."
        if left := refused(wiped.batch):
            verb = "is" if left == 1 else "are"
            text += f" {_imports(left)} {verb} left: something else of yours runs."
    if wiped.staying:
        verb = "holds" if wiped.staying == 1 else "hold"
        text += (
            f" {_imports(wiped.staying)} that {verb} another playtype, too, not wiped:"
            " revert what should go by itself."
        )
    return text


def _imports(number: int) -> str:
    return f"{number} import{'' if number == 1 else 's'}"
