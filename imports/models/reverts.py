"""What was undone, by whom and why."""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils import timezone

from imports.models.batches import Origin, RevertBatch
from imports.models.imports import Import
from tachi.accounts.models import User
from tachi.moderation.log import Acting

USER = settings.AUTH_USER_MODEL


class Revert(models.Model):
    """Who undid an import, when, from where and why; and, for a while, what it held."""

    Origin = Origin

    of_import = models.ForeignKey(Import, models.CASCADE, related_name="reverts")
    reverted_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=10, choices=Origin)
    batch = models.ForeignKey(
        RevertBatch, models.SET_NULL, null=True, blank=True, related_name="reverts"
    )
    reason = models.TextField(blank=True)
    reverted_at = models.DateTimeField(default=timezone.now)
    score_count = models.PositiveIntegerField(default=0)
    orphan_count = models.PositiveIntegerField(default=0)
    snapshot = models.BinaryField(
        null=True, blank=True, help_text="what the import held, compressed"
    )
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


@dataclass(frozen=True)
class RequestedBy:
    """Who wants an import reverted, restored or cancelled, from where and why.

    The player reads `reason`, and never `note`.
    """

    user: User | None
    origin: str
    reason: str = ""
    batch: RevertBatch | None = None
    note: str = ""

    @property
    def acting(self) -> Acting:
        """As the moderation log has it."""
        batch_id = self.batch.batch_id if self.batch else ""
        return Acting(self.user, self.origin, self.reason, self.note, batch_id)
