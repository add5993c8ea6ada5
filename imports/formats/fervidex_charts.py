"""What fervidex calls charts and lamps of beatmania IIDX."""

from imports.formats.base import Field, ImportRefused, Input
from imports.matching.in_game import InGame

DIFFICULTIES = {"n": "NORMAL", "h": "HYPER", "a": "ANOTHER", "l": "LEGGENDARIA"}
#: A chart's code → playtype and difficulty.
CHARTS = {
    f"{playtype.lower()}{letter}": (playtype, difficulty)
    for playtype in ("SP", "DP")
    for letter, difficulty in DIFFICULTIES.items()
}
#: Charts of difficulty BEGINNER, whose scores are left out.
UNTRACKED = ("spb",)
#: By `clear_type`.
LAMPS = (
    "NO PLAY",
    "FAILED",
    "ASSIST CLEAR",
    "EASY CLEAR",
    "CLEAR",
    "HARD CLEAR",
    "EX HARD CLEAR",
    "FULL COMBO",
)
#: A song that the game has a second time, for one chart that is another's elsewhere.
TWICE = {(21201, "ANOTHER"): (12250, "LEGGENDARIA")}


def chart_name(code: str, number: int) -> InGame:
    """The chart that a code means of the song with that number in the game."""
    playtype, difficulty = CHARTS[code]
    number, difficulty = TWICE.get((number, difficulty), (number, difficulty))
    return InGame(number, playtype, difficulty)


VERSION = Field("version", "that of the game, like 29")


def version_in(sent: Input) -> str:
    """The parameter `version`, the game's. Raises ImportRefused without it."""
    version = sent.parameters.get("version")
    if not isinstance(version, str):
        raise ImportRefused("Expected the parameter version, the game's, like 29.")
    return version
