"""The frame of every verb: the player's lock, and numbers that are up to date."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scores.derived.rerate import rerate_if_waiting
from scores.locks import only_change_of

#: Whether a player waits to be rated again: a column, whose parameter is the user.
WAITS = "EXISTS (SELECT 1 FROM scores_playertorerate WHERE user_id = %s)"


@contextmanager
def change_of(
    user_id: int, wait_seconds: float | None = None, *, rated: bool = False
) -> Iterator[None]:
    """A transaction that changes a player's facts, as `scores.locks.only_change_of`.

    A player who waits to be rated again is so first: the change must not mix numbers
    of the old charts with those of the new. A caller that gives up where the player
    `WAITS`, which it asks inside among other things, says `rated`. Raises
    `scores.locks.Busy`.
    """
    with only_change_of(user_id, wait_seconds):
        if not rated:
            rerate_if_waiting(user_id)
        yield


class _TriedOut(Exception):
    """Ends the transaction of a change that was tried out, which is rolled back."""


@contextmanager
def trial_of(user_id: int, wait_seconds: float | None = None) -> Iterator[None]:
    """As `change_of`, but at the end of the block all of it is undone.

    Whatever becomes of the process, nothing of it is ever committed. Numbers that the
    database hands out, of primary keys, may be used up.
    """
    with suppress(_TriedOut), change_of(user_id, wait_seconds):
        yield
        raise _TriedOut
