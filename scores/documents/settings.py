"""What a player prefers to be shown of a game, on the wire."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, TypedDict

from scores.games import GAMES
from scores.models import GameStats

Ranking = Literal["global", "rival"]


class Preferences(TypedDict):
    """What is to be shown; null where nothing was chosen."""

    preferredScoreAlg: str | None
    preferredSessionAlg: str | None
    preferredProfileAlg: str | None
    preferredDefaultEnum: Annotated[str | None, "The lamp, or the grade."]
    defaultTable: Annotated[str | None, "Null: tables are not kept here."]
    preferredRanking: Ranking | None
    stats: Annotated[list[dict[str, Any]], "Empty: showcases are not kept here."]
    gameSpecific: Annotated[dict[str, Any], "As the game's own settings are called."]


class GameSettingsDocument(TypedDict):
    """What a player prefers to be shown of one game and playtype."""

    userID: int
    game: str
    playtype: str
    rivals: Annotated[list[int], "Empty: rivals are not kept here."]
    preferences: Preferences


def game_settings_document(
    stats: GameStats, chosen: Mapping[str, Any]
) -> GameSettingsDocument:
    """The settings of a player who has chosen this, by name.

    A rating or metric that the game has no more is not told: clients look it up.
    """
    rules = GAMES[stats.gpt]

    def known(key: str, choices: Collection[str]) -> str | None:
        return chosen.get(key) if chosen.get(key) in choices else None

    return {
        "userID": stats.user_id,
        "game": rules.name,
        "playtype": rules.playtype,
        "rivals": [],
        "preferences": {
            "preferredScoreAlg": known("preferredScoreAlg", rules.score_ratings),
            "preferredSessionAlg": known("preferredSessionAlg", rules.session_ratings),
            "preferredProfileAlg": known("preferredProfileAlg", rules.profile_ratings),
            "preferredDefaultEnum": known("preferredDefaultEnum", dict(rules.enums)),
            "defaultTable": None,
            "preferredRanking": chosen.get("preferredRanking"),
            "stats": [],
            "gameSpecific": chosen.get("gameSpecific", {}),
        },
    }
