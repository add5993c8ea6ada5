"""What a batch may be told to do in the state it is in, for pages that offer it.

Only `control`, which asks under the batch's lock, decides.
"""

from collections.abc import Sequence

from imports.batches.control import ENDED
from imports.batches.documents import BatchListing
from imports.batches.rights import STAFF, is_administrator, staff
from imports.models import BatchPlayer, RevertBatch
from tachi.accounts.models import User

State = RevertBatch.State


def possible(batch: RevertBatch, listing: BatchListing) -> set[str]:
    """The verbs of `control` that are possible now, by name."""
    state, ended = batch.state, batch.state in ENDED
    may_be = {
        "confirm": bool(listing["toConfirm"] and batch.fingerprint),
        "pause": state in (State.QUEUED, State.RUNNING, State.RESTORING),
        "resume": state in (State.PAUSED, State.PAUSING),
        "cancel": not ended and state != State.CANCELLING,
        "restore": ended and (batch.held or listing["restorableUntil"] is not None),
        "retry_failed": bool(listing["failed"])
        and state in (State.DONE, State.PAUSED)
        and not batch.restoring,
        "hold": True,
    }
    if not listing["reverted"]:
        may_be["restore"] = False
    return {verb for verb, is_so in may_be.items() if is_so}


def needs_administrator(batch: RevertBatch, user: User) -> list[str]:
    """The names of staff in it whose imports this user may not revert or restore."""
    ids = batch.players.exclude(user=None).values_list("user", flat=True)
    if is_administrator(user) or set(ids) == {user.pk}:
        return []
    return list(staff(ids).values_list("username", flat=True))


def needing_administrator(batches: Sequence[RevertBatch], user: User) -> set[int]:
    """Those of these batches (primary keys) whose imports this user may not revert or
    restore; two statements at most, however many they are.
    """
    if is_administrator(user):
        return set()
    players = BatchPlayer.objects.filter(batch__in=batches).exclude(user=None)
    of_staff = players.filter(user__in=User.objects.filter(STAFF))
    found = set(of_staff.values_list("batch_id", flat=True))
    if not found:
        return found
    others = players.filter(batch__in=found).exclude(user=user)
    return set(others.values_list("batch_id", flat=True))
