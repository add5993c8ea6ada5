"""What players have set for the game hooks that send their scores."""

from django.conf import settings
from django.db import models


class Hook(models.TextChoices):
    """Hooks with settings, by their names in addresses."""

    FERVIDEX = "fervidex", "fervidex"
    KSHOOK_SV6C = "kshook-sv6c", "kshook"


class HookSettings(models.Model):
    """A player's settings for one hook; there is no row until something is set.

    `cards`: only those may send scores, null for any. `force_static_import`: the next
    export of all scores is imported, which switches this off.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,
        related_name="hook_settings",
    )
    hook = models.CharField(max_length=20, choices=Hook)
    cards = models.JSONField(null=True, blank=True)
    force_static_import = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "hook settings"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "hook"], name="one_settings_of_hook"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hook} of user {self.user_id}"
