"""What was not understood, yet."""

from django.conf import settings
from django.db import models

from imports.models.imports import Import
from scores.models.fields import HashField

USER = settings.AUTH_USER_MODEL


class Orphan(models.Model):
    """A row of an import whose song or chart is not known yet; it is the import's.

    `message` is what was wrong with it when it was tried last. What all rows of the
    import share is in `Import.context`.
    """

    orphan_id = HashField(prefix="O", size=32)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    source_import = models.ForeignKey(
        Import, models.CASCADE, related_name="orphans", db_index=False
    )
    position = models.PositiveIntegerField(help_text="place in its import")
    game = models.CharField(max_length=10)
    data = models.JSONField()
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
            models.Index(fields=["user", "id"], name="orphan_in_order"),
            models.Index(
                fields=["user", "-time_inserted", "source_import", "position"],
                name="orphan_newest_first",
            ),
        ]

    def __str__(self) -> str:
        return self.orphan_id


class OrphanDiscard(models.Model):
    """A player's word that an orphan is not wanted, whichever import holds it.

    It counts for imports up to a sequence, as that of a score does: one that sends the
    row later has it as an orphan again.
    """

    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    orphan_id = HashField(prefix="O", size=32)
    up_to_sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "orphan_id"], name="one_discard_of_orphan"
            ),
        ]

    def __str__(self) -> str:
        return self.orphan_id
