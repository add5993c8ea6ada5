"""Forgetting a player: all that the player's imports and edits left here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.models import Model

from scores import copy_rows
from scores.locks import only_change_of
from scores.models import (
    ClassClaim,
    ClassReview,
    GameSettings,
    GameStats,
    PersonalBest,
    PlayerToRerate,
    ProfileSnapshot,
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    Session,
    SessionEdit,
)

#: Those that refer to others first.
OF_A_PLAYER: tuple[type[Model], ...] = (
    Score,
    Session,
    PersonalBest,
    GameStats,
    ScoreEdit,
    SessionEdit,
    ScoreBlock,
    ScoreDeletion,
    ClassReview,
    ClassClaim,
    PlayerToRerate,
    GameSettings,
    ProfileSnapshot,
)


@contextmanager
def forgetting(
    user_id: int, wait_seconds: float, advance: Callable[[int], object]
) -> Iterator[None]:
    """A transaction that deletes all of a player's rows, and then what the block does.

    Nothing is recalculated: other players' rows do not depend on these, and ranks are
    counted on read. `advance` is told how many rows went. Raises `scores.locks.Busy`.
    """
    with only_change_of(user_id, wait_seconds):
        for model in OF_A_PLAYER:
            rows = model._base_manager.filter(user=user_id)
            copy_rows.delete(rows, advance)
        yield
