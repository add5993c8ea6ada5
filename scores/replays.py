"""Replays of scores: what a game recorded, kept for the player.

A replay is a fact of its own, under its player and the score's id, like what a player
wrote on a score: it outlives revert and deletion, and is there when the score is again.
"""

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from scores.derived.change import change_of
from scores.models import Replay, Score
from tachi.accounts.models import User


class NoSuchScore(Exception):
    """The player has no score of this game under the id."""


class NoRoom(Exception):
    """The player's replays take as much room as anybody's may."""


def keep_replay(user: User, game: str, score_id: str, data: bytes) -> None:
    """Keep the replay of a player's own score of a game; the last one counts.

    Raises NoSuchScore, NoRoom and `scores.locks.Busy`.
    """
    with change_of(user.pk):
        own = Score.objects.filter(user=user, chart__game=game, score_id=score_id)
        if not own.exists():
            raise NoSuchScore
        others = Replay.objects.filter(user=user).exclude(score_id=score_id)
        taken = others.aggregate(taken=Sum("size"))["taken"] or 0
        if taken + len(data) > settings.MAX_REPLAY_BYTES:
            raise NoRoom
        values = {"data": data, "size": len(data), "created_at": timezone.now()}
        Replay.objects.update_or_create(user=user, score_id=score_id, defaults=values)
