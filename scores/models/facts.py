"""What somebody said: scores, users' edits, deletions, blocks and class claims.

Facts are edited by verbs only, under the user's lock (`scores.locks`), and every
such edit is followed by `scores.derived.recalculate` in the same transaction.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

from scores.games import GAMES
from scores.models.fields import HashField
from scores.models.indexes import NullsLastIndex

USER = settings.AUTH_USER_MODEL


class Score(models.Model):
    """A play, as the imports that claim it tell it (docs/architecture.md, "Claims").

    What the owner left out, later claims fill. Where something was filled, `own` has
    the owner's own word on it, by fields; a time that was filled is `timed_by` the
    sequence of the import that gave it, at `timed_at`. Times are unix milliseconds.
    `score_data` is the wire's object with its derived metrics; `rating_1` to `rating_3`
    are the game's score ratings in the order of its rule card; these and `session` are
    derived, the rest is what imports said.
    """

    score_id = HashField(prefix="T", size=32)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    chart = models.ForeignKey("scores.Chart", models.PROTECT, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    source_import = models.ForeignKey(
        "imports.Import", models.PROTECT, related_name="scores", db_index=False
    )
    position = models.PositiveIntegerField(help_text="place in its import")
    service = models.CharField(max_length=80)
    import_type = models.CharField(max_length=40)
    time_achieved = models.BigIntegerField(null=True, blank=True)
    time_added = models.BigIntegerField()
    comment = models.TextField(null=True, blank=True)  # noqa: DJ001 - null on the wire
    score_data = models.JSONField()
    score_meta = models.JSONField(default=dict)
    own = models.JSONField("the owner's own word", null=True, blank=True)
    timed_by = models.PositiveIntegerField(null=True, blank=True)
    timed_at = models.BigIntegerField(null=True, blank=True)
    rating_1 = models.FloatField(null=True, blank=True)
    rating_2 = models.FloatField(null=True, blank=True)
    rating_3 = models.FloatField(null=True, blank=True)
    session = models.ForeignKey(
        "scores.Session",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="scores",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["score_id"], name="score_identity"),
        ]
        indexes = [
            models.Index(fields=["chart", "user"], name="score_on_chart"),
            NullsLastIndex(
                fields=["user", "gpt", "-time_achieved"], name="score_newest_first"
            ),
            models.Index(fields=["source_import", "position"], name="score_of_import"),
        ]

    def __str__(self) -> str:
        return self.score_id

    @property
    def ratings(self) -> tuple[float | None, float | None, float | None]:
        return self.rating_1, self.rating_2, self.rating_3


class ScoreEdit(models.Model):
    """A user's own comment and highlight on a score; outlives revert and re-import."""

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    score_id = HashField(prefix="T", size=32)
    comment = models.TextField(null=True, blank=True)  # noqa: DJ001 - null on the wire
    has_comment = models.BooleanField(default=False, help_text="the comment is edited")
    highlight = models.BooleanField(default=False)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "score_id"], name="edit_of_score"),
        ]

    def __str__(self) -> str:
        return f"edit of {self.score_id}"


class ScoreBlock(models.Model):
    """A score that its owner never wants to see again ("blacklist").

    `made_by` is the revert that blocked it: its restore lifts it.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    score_id = HashField(prefix="T", size=32)
    score = models.JSONField(help_text="the score as it was when it was blocked")
    created_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        "imports.Revert", models.SET_NULL, null=True, blank=True, related_name="blocks"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "score_id"], name="block_of_score"),
        ]

    def __str__(self) -> str:
        return f"block of {self.score_id}"


class ScoreDeletion(models.Model):
    """Claims on a score that its owner withdrew: those up to a sequence number.

    Later imports may claim the score again; a restore of an earlier one may not.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    score_id = HashField(prefix="T", size=32)
    up_to_sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "score_id"], name="deletion_of_score"
            ),
        ]

    def __str__(self) -> str:
        return f"deletion of {self.score_id}"


class SessionEdit(models.Model):
    """What a user wrote on a session, kept by the session's anchor score and its time.

    A null field was never edited, except `description` with `has_description`.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    anchor = HashField(prefix="T", size=32)
    anchor_time = models.BigIntegerField(help_text="unix milliseconds")
    name = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001
    description = models.TextField(null=True, blank=True)  # noqa: DJ001
    has_description = models.BooleanField(default=False)
    highlight = models.BooleanField(null=True, blank=True)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "gpt", "anchor"], name="edit_of_session"
            ),
        ]

    def __str__(self) -> str:
        return f"edit of the session of {self.anchor}"


class Replay(models.Model):
    """The replay of a score, as a game keeps it; outlives revert and re-import.

    `size` is that of `data`, in bytes.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    score_id = HashField(prefix="T", size=32)
    data = models.BinaryField()
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "score_id"], name="replay_of_score"
            ),
        ]

    def __str__(self) -> str:
        return f"replay of {self.score_id}"


class ClassClaim(models.Model):
    """Somebody said that a player holds a class (a dan). The highest live claim counts.

    A claim outlives the revert of its import, by contract: it is to be reviewed then,
    until a moderator withdraws it or keeps it (`imports.class_review`).
    `withdrawn_with` is the revert that withdrew it, whose restore brings it back.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    gpt = models.CharField("game and playtype", max_length=20)
    class_set = models.CharField(max_length=30)
    value = models.CharField(max_length=30)
    source_import = models.ForeignKey(
        "imports.Import", models.PROTECT, null=True, blank=True, related_name="classes"
    )
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_with = models.ForeignKey(
        "imports.Revert",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="withdrawn_classes",
    )
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "gpt"], name="class_of_player")]
        constraints = [
            models.UniqueConstraint(
                fields=["source_import", "gpt", "class_set"], name="class_of_import"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.class_set})"

    @property
    def name(self) -> str:
        """What the class is called: "7th Dan"."""
        return self.name_of(self.value)

    def name_of(self, value: str) -> str:
        """What another class of its set is called."""
        game = GAMES.get(self.gpt)
        return game.class_name(self.class_set, value) if game else value


class ClassReview(models.Model):
    """What was decided of a class claim: by whom, when, from where and why.

    `revert` is the one that withdrew it, or whose restore brought it back. The name
    outlives who bore it.
    """

    class Decision(models.TextChoices):
        WITHDRAWN = "withdrawn"
        KEPT = "kept"
        REINSTATED = "reinstated"

    claim = models.ForeignKey(ClassClaim, models.CASCADE, related_name="reviews")
    user = models.ForeignKey(USER, models.CASCADE)
    decision = models.CharField(max_length=10, choices=Decision)
    decided_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(default=timezone.now)
    origin = models.CharField(max_length=10)
    reason = models.TextField(blank=True)
    revert = models.ForeignKey(
        "imports.Revert", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.decision} {self.decided_at:%Y-%m-%d}"
