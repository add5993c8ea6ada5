"""What follows from the facts. Only `scores.derived` writes these rows."""

from django.conf import settings
from django.db import models

from scores.models.fields import HashField

USER = settings.AUTH_USER_MODEL
NEVER = 2**63 - 1


class Session(models.Model):
    """Timestamped plays of one user, game and playtype, at most two hours apart.

    `anchor` is the score whose time was told first (lowest sequence of the import that
    told it, then score id), `time_inserted` when that was; the session's id and default
    name follow from it (`scores.derived.sessions`).
    """

    session_id = HashField(prefix="Q", size=20)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    anchor = HashField(prefix="T", size=32)
    time_started = models.BigIntegerField(help_text="unix milliseconds")
    time_ended = models.BigIntegerField(help_text="unix milliseconds")
    time_inserted = models.BigIntegerField(help_text="unix milliseconds")
    ratings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session_id"], name="session_identity"),
        ]
        indexes = [
            models.Index(fields=["user", "gpt", "time_ended"], name="session_in_time"),
            models.Index(fields=["gpt", "-time_started"], name="session_of_game"),
            models.Index(fields=["-time_started"], name="session_newest_first"),
        ]

    def __str__(self) -> str:
        return self.session_id


class PersonalBest(models.Model):
    """The best of a user's plays of a chart, merged by the game's rules.

    `rank_1` to `rank_3` and `time_key` (`time_achieved`, or never) are the order of
    players on a chart, larger first and then older; ranks are counted on read.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    chart = models.ForeignKey("scores.Chart", models.PROTECT, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    is_primary = models.BooleanField()
    score_data = models.JSONField()
    composed_from = models.JSONField(help_text="[{name, scoreID}]")
    time_achieved = models.BigIntegerField(null=True, blank=True)
    highlight = models.BooleanField(default=False)
    rating_1 = models.FloatField(null=True, blank=True)
    rating_2 = models.FloatField(null=True, blank=True)
    rating_3 = models.FloatField(null=True, blank=True)
    rank_1 = models.FloatField()
    rank_2 = models.FloatField()
    rank_3 = models.FloatField()
    time_key = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "chart"], name="one_best"),
        ]
        indexes = [
            models.Index(
                fields=[
                    "chart",
                    "-rank_1",
                    "-rank_2",
                    "-rank_3",
                    "time_key",
                    "user",
                ],
                name="best_on_chart",
            ),
            models.Index(fields=["user", "gpt", "-rating_1"], name="best_by_rating_1"),
            models.Index(
                fields=["user", "gpt", "-rating_2"],
                condition=models.Q(rating_2__isnull=False),
                name="best_by_rating_2",
            ),
            models.Index(
                fields=["user", "gpt", "-rating_3"],
                condition=models.Q(rating_3__isnull=False),
                name="best_by_rating_3",
            ),
        ]

    def __str__(self) -> str:
        return f"best of user {self.user_id} on chart {self.chart_id}"

    @property
    def ratings(self) -> tuple[float | None, float | None, float | None]:
        return self.rating_1, self.rating_2, self.rating_3


class GameStats(models.Model):
    """A player's profile in one game and playtype: ratings, and classes in force.

    The row exists while there is a score or a live class claim.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    ratings = models.JSONField(default=dict)
    classes = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "game stats"
        constraints = [
            models.UniqueConstraint(fields=["user", "gpt"], name="stats_of_player"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in {self.gpt}"
