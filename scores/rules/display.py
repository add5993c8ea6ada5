"""How a chart is written. A game with its own way passes its own functions to Game.

A function that needs more of a chart's or song's data raises Impossible without it.
"""

from collections.abc import Mapping
from typing import Protocol

from scores.rules.charts import Chart, Song


class GameNames(Protocol):
    """What the functions take of a game."""

    @property
    def playtype(self) -> str: ...

    @property
    def playtypes(self) -> tuple[str, ...]: ...

    @property
    def difficulty_shorthand(self) -> Mapping[str, str]: ...


class ChartText(Protocol):
    """How a song's chart is written; `short` uses the difficulty's short name."""

    def __call__(
        self, game: GameNames, song: Song, chart: Chart, short: bool = False
    ) -> str: ...


def difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "MXM 17", and "SP ANOTHER 12" where a game has several playtypes."""
    return f"{_playtype(game)}{chart.difficulty} {chart.level}"


def short_difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "A 12", "SPA 12"."""
    playtype = game.playtype if len(game.playtypes) > 1 else ""
    return f"{playtype}{shorthand(game, chart)} {chart.level}"


def chart_text(game: GameNames, song: Song, chart: Chart, short: bool = False) -> str:
    """ "Title (MXM 17)"; a chart that is not primary also says its first version."""
    difficulty = shorthand(game, chart) if short else chart.difficulty
    return titled(song, chart, f"{_playtype(game)}{difficulty} {chart.level}")


def titled(song: Song, chart: Chart, difficulty: str) -> str:
    """The title with a difficulty that has been written already."""
    if chart.is_primary or not chart.versions:
        return f"{song.title} ({difficulty})"
    return f"{song.title} ({difficulty} {chart.versions[0]})"


def shorthand(game: GameNames, chart: Chart) -> str:
    """The difficulty's short name, or its own where it has none."""
    return game.difficulty_shorthand.get(chart.difficulty, chart.difficulty)


def _playtype(game: GameNames) -> str:
    return f"{game.playtype} " if len(game.playtypes) > 1 else ""
