"""What players prefer to be shown of a game, and what they were on each day."""

from django.conf import settings
from django.db import models

USER = settings.AUTH_USER_MODEL


class GameSettings(models.Model):
    """What a player has chosen for one game and playtype; no row until then.

    `preferences` has only what was chosen, by its name on the wire.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    preferences = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "game settings"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "gpt"], name="settings_of_player_in_game"
            ),
        ]

    def __str__(self) -> str:
        return f"settings of user {self.user_id} in {self.gpt}"


class ProfileSnapshot(models.Model):
    """What a profile was on one day, ranks included: a fact of that day.

    Nothing that is imported, reverted or restored later changes it.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    day = models.DateField()
    taken_at = models.DateTimeField()
    ratings = models.JSONField(default=dict)
    classes = models.JSONField(default=dict)
    rankings = models.JSONField(default=dict)
    playcount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "gpt", "day"], name="one_snapshot_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in {self.gpt} on {self.day}"
