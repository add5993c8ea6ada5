"""What players set for game hooks: which cards count, and a switch that works once."""

from typing import Any

from imports.models import Hook, HookSettings
from tachi.accounts.models import User


class UnknownCard(Exception):
    """The player has said which cards count, and this is none of them."""

    status = 400

    def __init__(self, card: str) -> None:
        told = "does not count" if card else "is missing (X-Account-Id)"
        self.text = f"The card {told}: you have said which cards your scores are of."
        super().__init__(self.text)


class StaticImportOff(Exception):
    """Nobody has asked for an import of all scores that a game keeps."""


def settings_of(user: User, hook: Hook) -> HookSettings:
    """The user's settings for a hook, not saved where nothing is set."""
    found = HookSettings.objects.filter(user=user, hook=hook).first()
    return found or HookSettings(user=user, hook=hook)


def set_for_hook(user: User, hook: Hook, **changes: Any) -> HookSettings:
    """Set `cards` (None: any) or `force_static_import`; returns all settings."""
    settings, _ = HookSettings.objects.update_or_create(
        user=user, hook=hook, defaults=changes
    )
    return settings


def require_card(user: User, hook: Hook, card: str) -> None:
    """Raise UnknownCard where the user has said which cards count, and not this one."""
    of_hook = HookSettings.objects.filter(user=user, hook=hook, cards__isnull=False)
    cards = of_hook.values_list("cards", flat=True).first()
    if cards and card not in cards:
        raise UnknownCard(card)


def take_static_import(user: User, hook: Hook) -> bool:
    """Switch the import of an export off; whether it was on.

    In the transaction that accepts the export: of two that come together one counts,
    and a switch is never off for an export that was not kept.
    """
    on = HookSettings.objects.filter(user=user, hook=hook, force_static_import=True)
    return bool(on.update(force_static_import=False))


def require_static_import(user: User, hook: Hook) -> dict[str, Any]:
    """The same, for what is nothing without it. Raises StaticImportOff."""
    if not take_static_import(user, hook):
        raise StaticImportOff
    return {}
