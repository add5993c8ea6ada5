"""What a player prefers to be shown of a game: to read it, and to choose."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from scores.models import GameSettings, GameStats

GAME_SPECIFIC = "gameSpecific"


def preferences_of(stats: GameStats) -> dict[str, Any]:
    """What the player has chosen, by its name on the wire."""
    of_player = GameSettings.objects.filter(user=stats.user_id, gpt=stats.gpt)
    return of_player.values_list("preferences", flat=True).first() or {}


def choose(stats: GameStats, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Choose these preferences, null for none; the others, and the other keys of
    `gameSpecific`, stay. Returns all.
    """
    with transaction.atomic():
        of_player = GameSettings.objects.select_for_update(no_key=True)
        settings, _ = of_player.get_or_create(user_id=stats.user_id, gpt=stats.gpt)
        specific = chosen.get(GAME_SPECIFIC) or {}
        merged = {**settings.preferences.get(GAME_SPECIFIC, {}), **specific}
        settings.preferences |= {**chosen, GAME_SPECIFIC: merged}
        settings.save(update_fields=["preferences"])
    return settings.preferences
