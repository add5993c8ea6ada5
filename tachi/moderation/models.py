"""The log of what was done, and what players are told of it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

USER = settings.AUTH_USER_MODEL
LONGEST_NAME = 200  # characters of a subject in words
NOTIF_ID = r"N[0-9a-f]{40}"


class Origin(models.TextChoices):
    """From where something is done."""

    API = "api", "API"
    ADMIN = "admin"
    COMMAND = "command"
    WORKER = "worker"


class Verb(models.TextChoices):
    """What is done."""

    REVERT = "revert"
    RESTORE = "restore"
    CANCEL = "cancel"
    RETRY = "retry"
    RUN_AGAIN = "run again"
    WITHDRAW_CLASS = "withdraw class"
    KEEP_CLASS = "keep class"
    REINSTATE_CLASS = "reinstate class"
    BAN = "ban"
    LIFT_BAN = "lift ban"
    ISSUE_TOKEN = "issue token"
    REVOKE_TOKEN = "revoke token"
    MAKE_RULE = "make rule"
    LIFT_RULE = "lift rule"
    EDIT_SCORE = "edit score"
    DELETE_SCORE = "delete score"
    LIFT_BLOCK = "lift block"
    DISCARD_ORPHAN = "discard orphan"
    DRAFT_BATCH = "draft batch"
    CONFIRM_BATCH = "confirm batch"
    PAUSE_BATCH = "pause batch"
    RESUME_BATCH = "resume batch"
    CANCEL_BATCH = "cancel batch"
    RESTORE_BATCH = "restore batch"
    RETRY_BATCH = "retry failed of batch"
    HOLD_BATCH = "hold batch"
    RELEASE_BATCH = "release batch"
    PAUSE_JOB = "pause job"
    RESUME_JOB = "resume job"
    CANCEL_JOB = "cancel job"
    DELETE_USER = "delete user"


class Subject(models.TextChoices):
    """To what."""

    IMPORT = "import"
    PLAYER = "player"
    TOKEN = "token"
    CLASS = "class"
    SCORE = "score"
    ORPHAN = "orphan"
    RULE = "rule"
    BATCH = "batch"
    JOB = "job"


class Entry(models.Model):
    """Something that was done: when, by whom, from where, to what, and why.

    It is written in the transaction of what it speaks of, never changed, and outlives
    all of it: names and ids are kept as texts. `by_name` is empty where nobody is on
    record, as of a command. `subject_id` is the id of an import, batch, job, score or
    orphan, or the primary key of a row of another kind. `reason` is what the player may
    read, `note` for moderators only. `details` are counts and the like.
    """

    at = models.DateTimeField("when", default=timezone.now)
    by = models.ForeignKey(
        USER,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    by_name = models.CharField("who", max_length=150, blank=True)
    origin = models.CharField(max_length=10, choices=Origin)
    verb = models.CharField(max_length=30, choices=Verb)
    subject_kind = models.CharField(max_length=10, choices=Subject)
    subject_id = models.CharField(max_length=80)
    subject_text = models.CharField(max_length=LONGEST_NAME)
    player = models.ForeignKey(
        USER,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    player_name = models.CharField("player's name", max_length=150, blank=True)
    reason = models.TextField(blank=True, help_text="the player reads this")
    note = models.TextField("internal note", blank=True)
    batch_id = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "entry of the moderation log"
        verbose_name_plural = "moderation log"
        indexes = [
            models.Index(fields=["-at", "-id"], name="entry_newest_first"),
            models.Index(fields=["by", "-at"], name="entry_by"),
            models.Index(fields=["player", "-at"], name="entry_of_player"),
            models.Index(fields=["verb", "-at"], name="entry_verb"),
            models.Index(fields=["subject_kind", "subject_id"], name="entry_subject"),
            models.Index(
                fields=["batch_id"], condition=~Q(batch_id=""), name="entry_batch"
            ),
            # Of those who are deleted only the names are left to look for.
            models.Index(
                Lower("by_name"), condition=Q(by=None), name="entry_by_deleted"
            ),
            models.Index(
                Lower("player_name"),
                condition=Q(player=None),
                name="entry_of_deleted_player",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb}: {self.subject_text}"


def new_notif_id() -> str:
    return f"N{secrets.token_hex(20)}"


class Notification(models.Model):
    """What a user is told. One tells of many imports, as they are reverted.

    `about` is what it is about: of one user, one notification is about one thing.
    `sent_at` is when it last told something new. `imports` and `scores` are how many it
    tells of, and `content` what does not change with them.
    """

    class Kind(models.TextChoices):
        REVERTED = "reverted"
        RESTORED = "restored"

    user = models.ForeignKey(
        USER, models.CASCADE, related_name="notifications", db_index=False
    )
    notif_id = models.CharField(max_length=41, default=new_notif_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=60)
    content = models.JSONField(default=dict)
    imports = models.PositiveIntegerField(default=0)
    scores = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    read = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "about"], name="one_notification_about_it"
            ),
            models.UniqueConstraint(fields=["notif_id"], name="notification_identity"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-sent_at", "-id"], name="notification_newest_first"
            ),
            models.Index(
                fields=["sent_at"], condition=Q(read=True), name="notification_read"
            ),
        ]

    def __str__(self) -> str:
        return self.notif_id
