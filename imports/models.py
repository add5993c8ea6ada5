"""The import document, what was sent, what was not understood, and what was undone."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from scores.models.fields import HashField

USER = settings.AUTH_USER_MODEL


def new_import_id() -> str:
    return secrets.token_hex(20)


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    REVERTED = "reverted"
    CANCELLED = "cancelled"


class ImportQuerySet(models.QuerySet):
    def completed(self) -> "ImportQuerySet":
        """Those that exist on the wire: done, and not reverted."""
        return self.filter(state=State.COMPLETED)

    def failed(self) -> "ImportQuerySet":
        return self.filter(state=State.FAILED)

    def unfinished(self) -> "ImportQuerySet":
        return self.filter(state__in=(State.QUEUED, State.RUNNING))


class Import(models.Model):
    """An import from the moment it is accepted, for ever: the whole state machine.

    `sequence` numbers a user's imports in the order in which they took effect.
    `lease_number` counts the workers that took it; only the last may write.
    `resent` are its claims on scores that an earlier import owns: the score's primary
    key → null, or what this import said differently (`imports.claims`).
    """

    import_id = models.CharField(max_length=40, default=new_import_id, editable=False)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    import_type = models.CharField(max_length=40)
    game = models.CharField(max_length=10, blank=True)
    service = models.CharField(max_length=80, blank=True)
    user_intent = models.BooleanField(default=False)
    token = models.ForeignKey(
        "accounts.ApiToken", models.SET_NULL, null=True, blank=True
    )
    user_agent = models.CharField(max_length=200, blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_number = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)

    phase = models.CharField(max_length=10, blank=True)
    description = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)

    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    class_deltas = models.JSONField(default=list)
    resent = models.JSONField(default=dict)
    error_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_text = models.TextField(blank=True, help_text="what the user is told")
    error_detail = models.TextField(blank=True, help_text="for operators only")

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["import_id"], name="import_identity"),
            models.UniqueConstraint(
                fields=["user", "sequence"], name="sequence_of_user"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(State.COMPLETED, State.REVERTED))
                | models.Q(sequence__isnull=False),
                name="done_import_has_sequence",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-finished_at"], name="import_by_finish"),
            models.Index(
                fields=["-started_at"],
                condition=models.Q(state=State.FAILED),
                name="failed_import_by_start",
            ),
            models.Index(fields=["user", "state"], name="import_of_user"),
            models.Index(
                fields=["state", "lease_until"],
                condition=models.Q(state__in=(State.QUEUED, State.RUNNING)),
                name="import_unfinished",
            ),
        ]
        permissions = [("revert_import", "Can revert and restore imports")]

    def __str__(self) -> str:
        return self.import_id


class ImportInput(models.Model):
    """What was sent, compressed, as the format's parser wants it."""

    of_import = models.OneToOneField(
        Import, models.CASCADE, primary_key=True, related_name="input"
    )
    payload = models.BinaryField()
    filename = models.CharField(max_length=255, blank=True)
    parameters = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"input of {self.of_import_id}"


class Orphan(models.Model):
    """A row of an import whose song or chart is not known yet; it is the import's."""

    orphan_id = HashField(prefix="O", size=32)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    source_import = models.ForeignKey(
        Import, models.CASCADE, related_name="orphans", db_index=False
    )
    position = models.PositiveIntegerField(help_text="place in its import")
    game = models.CharField(max_length=10)
    data = models.JSONField()
    context = models.JSONField()
    message = models.TextField()
    time_inserted = models.BigIntegerField(help_text="unix milliseconds")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_import", "orphan_id"], name="orphan_of_import"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "orphan_id"], name="orphan_of_user"),
        ]

    def __str__(self) -> str:
        return self.orphan_id


class Revert(models.Model):
    """Who undid an import, when, from where and why; and, for a while, what it held."""

    class Origin(models.TextChoices):
        API = "api"
        ADMIN = "admin"
        COMMAND = "command"

    of_import = models.ForeignKey(Import, models.CASCADE, related_name="reverts")
    reverted_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=10, choices=Origin)
    reason = models.TextField(blank=True)
    reverted_at = models.DateTimeField(default=timezone.now)
    score_count = models.PositiveIntegerField(default=0)
    orphan_count = models.PositiveIntegerField(default=0)
    contents = models.BinaryField(null=True, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)
    restored_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["of_import"],
                condition=models.Q(restored_at=None),
                name="one_revert_in_force",
            ),
        ]
        indexes = [models.Index(fields=["reverted_at"], name="revert_by_time")]

    def __str__(self) -> str:
        return f"revert of {self.of_import_id}"
