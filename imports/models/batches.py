"""Reverts in batches: what is selected, by whom, how far it is, what came of it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from imports.models.imports import Import

USER = settings.AUTH_USER_MODEL


def new_batch_id() -> str:
    return secrets.token_hex(20)


class Origin(models.TextChoices):
    """From where something is undone."""

    API = "api"
    ADMIN = "admin"
    COMMAND = "command"


class RevertBatch(models.Model):
    """A selection of imports that is reverted together, also where it is only one.

    A draft is a plan: its selection is frozen as `BatchImport` rows, and `preview`
    (with `fingerprint`) says what would change. `filters` are as they were given;
    empty where imports were named one by one. `reason` is what players read, `note`
    for moderators only. `run_again` is null, or `{"playtype": text or null}` where
    each import is to run once more after its revert. `ran_seconds` is how long it has
    really run, pauses and waits left out; `turn_at` is when it may go on, and
    `why_paused` why it does not. Names outlive those who bore them.
    `confirmed_by` and `restored_by` are those in whose name imports are reverted, and
    restored; from where and why they are, `restore_origin`, `restore_reason` and
    `restore_note` say. `needs_preview` says that a worker has yet to make the preview
    of a draft, `restoring` that what it does, or was paused in, is a restore.
    """

    class Kind(models.TextChoices):
        REVERT = "revert"
        RERUN = "rerun"

    class State(models.TextChoices):
        DRAFT = "draft"
        QUEUED = "queued"
        RUNNING = "running"
        PAUSING = "pausing"
        PAUSED = "paused"
        CANCELLING = "cancelling"
        CANCELLED = "cancelled"
        DONE = "done"
        RESTORING = "restoring"
        RESTORED = "restored"

    batch_id = models.CharField(max_length=40, default=new_batch_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REVERT)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by_name = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=10, choices=Origin)
    reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    filters = models.JSONField(default=dict, blank=True)
    client_key = models.CharField(max_length=200, blank=True)
    block = models.BooleanField(default=False)
    withdraw_classes = models.BooleanField(default=False)
    run_again = models.JSONField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    restored_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    restore_origin = models.CharField(max_length=10, choices=Origin, blank=True)
    restore_reason = models.TextField(blank=True)
    restore_note = models.TextField(blank=True)
    held = models.BooleanField(
        default=False, help_text="what it reverted is kept beyond the usual time"
    )

    preview = models.JSONField(null=True, blank=True)
    needs_preview = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, blank=True)
    restoring = models.BooleanField(default=False)
    imports = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    ran_seconds = models.FloatField(default=0)
    turn_at = models.DateTimeField(default=timezone.now)
    failed_in_a_row = models.PositiveIntegerField(default=0)
    why_paused = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "revert batches"
        constraints = [
            models.UniqueConstraint(fields=["batch_id"], name="batch_identity"),
            models.UniqueConstraint(
                fields=["created_by", "client_key"],
                condition=~Q(client_key=""),
                name="batch_once_for_a_key",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="batch_newest_first"),
            models.Index(fields=["state", "turn_at"], name="batch_in_turn"),
        ]

    def __str__(self) -> str:
        return self.batch_id


class BatchPlayer(models.Model):
    """A player of a batch: his turn, and what was shown of him.

    `fingerprint` is over what was shown to go, stay and change, and empty where nothing
    is compared; `change_number` is the player's when that was found, and
    `charts_version` that of the charts, so that nothing need be tried out again while
    they are the same: that of all games of his imports, whatever came of some. A player
    is `begun` once an import of his was reverted, and `aside` when by his turn
    something else would have happened.
    """

    class State(models.TextChoices):
        BEGUN = "begun"
        WAITING = "waiting"
        ASIDE = "aside"
        DONE = "done"

    batch = models.ForeignKey(RevertBatch, models.CASCADE, related_name="players")
    user = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=150)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    fingerprint = models.CharField(max_length=64, blank=True)
    change_number = models.PositiveBigIntegerField(null=True, blank=True)
    charts_version = models.DateTimeField(null=True, blank=True)
    preview = models.JSONField(null=True, blank=True)
    verified = models.BooleanField(null=True, blank=True)
    turn_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], name="place_of_player_in_batch"
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "state", "position"], name="batch_player_in_turn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.batch_id}"


class BatchImport(models.Model):
    """An import of a batch, and its outcome: `why` says why it was not reverted.

    In the order of `position`: players one by one, newest import first. `scores` are
    those it owned, `kept` those of them that stayed with another import. Without
    `done_at` it is still to be reverted, or in a restore, to be restored.
    `other_playtypes` says that it held scores of other playtypes, too, than the filter
    by which it was selected.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        REVERTED = "reverted"
        GONE = "gone"
        REFUSED = "refused"
        FAILED = "failed"
        RESTORED = "restored"

    batch = models.ForeignKey(RevertBatch, models.CASCADE, related_name="outcomes")
    player = models.ForeignKey(BatchPlayer, models.CASCADE, related_name="outcomes")
    of_import = models.ForeignKey(
        Import,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="batch_outcomes",
    )
    import_id = models.CharField(max_length=41)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.TextField(blank=True)
    scores = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    other_playtypes = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], name="place_of_import_in_batch"
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "state", "position"], name="batch_import_in_turn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.import_id} in {self.batch_id}"
