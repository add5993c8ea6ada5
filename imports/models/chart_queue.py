"""Who waits for a chart to be made."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ChartQueuePlayer(models.Model):
    """A player of a chart that nobody knows, until enough have played it."""

    game = models.CharField(max_length=10)
    playtype = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "game", "playtype", "user"],
                name="player_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} waits for {self.game} {self.sha256}"
