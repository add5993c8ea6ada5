"""How imports, their rows and scores are told on the owners' pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from imports.formats import FORMATS
from imports.models import Import
from scores.games import GAMES, PLAYTYPES
from scores.models import Chart, Score
from scores.rules.game import Game
from scores.rules.problems import Impossible

#: What is told of the rows of an import, and what that is called.
BRIEFLY = {
    "imported": "new",
    "held": "held",
    "orphaned": "orphaned",
    "rejected": "rejected",
    "blocked": "blocked",
}
EXPLAINED = {
    "imported": "scores that were not known before",
    "held": "known already, from an earlier import",
    "orphaned": "wait until their song or chart is known",
    "rejected": "are wrong, and were left out",
    "blocked": "are scores that you blocked",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN_CLIENT = 32  # characters
SHOWN_DIGITS = 12


@dataclass(frozen=True)
class Number:
    """How many rows ended in one way, and what that means."""

    way: str
    count: int
    word: str
    meaning: str


def numbers(counts: Mapping[str, int]) -> list[Number]:
    """What became of the rows, way by way; what there is none of is left out."""
    return [
        Number(way, counts.get(way, 0), word, EXPLAINED[way])
        for way, word in BRIEFLY.items()
        if counts.get(way) or way == "imported"
    ]


def brief(counts: Mapping[str, int]) -> str:
    """ "29 new · 60 held · 3 rejected"; empty where nothing is counted yet."""
    if not counts:
        return ""
    told = [f"{each.count:,} {each.word}" for each in numbers(counts) if each.count]
    return " · ".join(told) or "nothing in it"


def game_title(game: str) -> str:
    """What a game is called: "SOUND VOLTEX"."""
    playtypes = PLAYTYPES.get(game)
    return GAMES[f"{game}:{playtypes[0]}"].title if playtypes else game


def type_title(import_type: str) -> str:
    """What an import type is called."""
    known = FORMATS.get(import_type)
    return known.about.title if known else import_type


def type_choice(import_type: str) -> str:
    """An import type among others: one format may come in two ways."""
    return f"{type_title(import_type)} ({import_type})"


def client(import_: Import) -> str:
    """Who sent it: the token's name, or what the client calls itself, in a word."""
    if import_.token is not None:
        return import_.token.identifier
    if import_.user_agent.startswith("Mozilla/"):
        return "a browser"
    return import_.user_agent.partition(" ")[0][:SHOWN_CLIENT]


def short_id(import_id: str) -> str:
    """The first digits of an id: enough to tell it from others in a list."""
    return f"{import_id[:SHOWN_DIGITS]}…"


def moment_of(milliseconds: int | None) -> datetime | None:
    """Unix milliseconds as a time; None also beyond the year 9999."""
    if milliseconds is None:
        return None
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


class Played(NamedTuple):
    """A score as a table shows it."""

    title: str
    artist: str
    chart: str
    value: str
    grade: str
    lamp: str
    achieved: datetime | None


def _chart_text(game: Game, chart: Chart) -> str:
    try:
        return game.difficulty_text(game, chart)
    except Impossible:  # its data is not what its game says
        return f"{chart.difficulty} {chart.level}"


def chart_title(chart: Chart) -> str:
    """A chart whose song is read: "Title (MXM 17)"."""
    return f"{chart.song.title} ({_chart_text(GAMES[chart.gpt], chart)})"


def played(scores: Iterable[Score]) -> list[Played]:
    """Scores whose charts and songs are read, in words."""
    return [_played(score) for score in scores]


def _played(score: Score) -> Played:
    game, data, chart = GAMES[score.gpt], score.score_data, score.chart
    lamps = [str(data[name]) for name, _ in game.enums if name != "grade"]
    value = game.metrics[game.default_metric].text(data[game.default_metric])
    return Played(
        chart.song.title,
        chart.song.artist,
        _chart_text(game, chart),
        value,
        str(data.get("grade", "")),
        " · ".join(dict.fromkeys(lamps)),
        moment_of(score.time_achieved),
    )
