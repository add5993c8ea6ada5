"""Discarding orphans: rows that their player does not want to become scores.

An orphan that several imports hold is one row of the player's list of things that are
missing, so it is discarded of all of them. That it was discarded is a fact, like the
deletion of a score: a restore does not bring it back, a later import may.
"""

from typing import Any

from django.conf import settings
from django.db.models import Max

from imports.models import Import, Orphan, OrphanDiscard
from scores.derived.change import change_of


def discard(orphan: Orphan) -> bool | None:
    """Discard an orphan: True, or None where it is gone (a score by now, for example).

    Raises `scores.locks.Busy`.
    """
    which: dict[str, Any] = {"user_id": orphan.user_id, "orphan_id": orphan.orphan_id}
    with change_of(orphan.user_id, settings.REVERT_WAIT_SECONDS):
        gone, _ = Orphan.objects.filter(**which).delete()
        if not gone:
            return None
        of_user = Import.objects.filter(user=orphan.user_id)
        last = of_user.aggregate(last=Max("sequence"))["last"]
        OrphanDiscard.objects.update_or_create(
            **which, defaults={"up_to_sequence": last}
        )
    return True


def discards_of(user_id: int) -> dict[str, int]:
    """The orphans (ids) that a player has discarded, with the sequence number of his
    last import by then.
    """
    found = OrphanDiscard.objects.filter(user=user_id)
    return dict(found.values_list("orphan_id", "up_to_sequence"))
