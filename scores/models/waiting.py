"""Who is to be rated again: the only rows that are not up to date."""

from django.conf import settings
from django.db import models


class PlayerToRerate(models.Model):
    """A player whose numbers, in a game and playtype, are of charts before a change.

    Wholly of the old ones: a job rates one player after the other again, and whatever
    changes the player's scores does it first. `since` is the charts version from which
    on charts count as changed; without it, all do (a formula has changed), and scores
    are composed of their claims again, too.
    `problem` is why it failed: then the job leaves the player out.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    since = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "gpt"], name="player_waits_once_in_a_game"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in {self.gpt}"
