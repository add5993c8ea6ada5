"""Reading seed files: `songs-GAME.json` and `charts-GAME.json`, and BMS's courses.

The files are from other people, so everything in them is checked before a row is
written. Whatever is wrong is a SeedError that names file, record and field.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from scores.games import PLAYTYPES, get_game
from scores.seeds import courses
from scores.seeds.checks import problem, shown, spells_unstorable, unstorable

Progress = Callable[[str, int, int], None]

KEYS = {"songs": "id", "charts": "chartID"}
MAX_DIGITS = 16  # of an integer


class SeedError(Exception):
    """A seed file that cannot be loaded; the text says where and why."""

    def __init__(self, text: str) -> None:
        super().__init__(text.encode(errors="backslashreplace").decode())


@dataclass(frozen=True)
class Seeds:
    """The songs, charts and courses of one game, as the files have them.

    `all_charts`: there is a file of charts, which lists all that the game has.
    """

    game: str
    songs: list[dict]
    charts: list[dict]
    courses: list[dict] = field(default_factory=list)
    all_charts: bool = False


def silent(description: str, done: int, total: int) -> None:
    """Reports no progress."""


def read(
    directory: Path, games: Iterable[str] | None = None, progress: Progress = silent
) -> list[Seeds]:
    """The checked seeds of a directory: of these games, or of all that it has.

    Raises SeedError for the first thing that is wrong.
    """
    wanted = _games_in(directory, games)
    seeds = []
    for done, game in enumerate(wanted):
        progress(f"Reading {game}", done, len(wanted))
        songs, charts = (_records(directory, kind, game) for kind in KEYS)
        all_charts = (directory / f"charts-{game}.json").exists()
        its_courses = _courses(directory, game)
        seeds.append(Seeds(game, songs, charts, its_courses, all_charts))
    return seeds


def place(kind: str, game: str, index: int, record: object) -> str:
    """Where a record is, as in `songs-sdvx.json, record 0 (id 17)`."""
    key = KEYS[kind]
    named = ""
    if isinstance(record, dict) and key in record:
        named = f" ({key} {shown(record[key])})"
    return f"{kind}-{game}.json, record {index}{named}"


def _games_in(directory: Path, games: Iterable[str] | None) -> list[str]:
    if not directory.is_dir():
        raise SeedError(f"{directory} is not a directory.")
    files = [*directory.glob("songs-*.json"), *directory.glob("charts-*.json")]
    found = {path.stem.partition("-")[2] for path in files}
    found |= courses.games_with_courses(directory)
    wanted = sorted(set(games or found))
    if not wanted:
        raise SeedError(f"{directory} has no songs-GAME.json and no charts-GAME.json.")
    for game in wanted:
        if game not in found:
            raise SeedError(
                f"{directory} has no songs-{game}.json and no charts-{game}.json."
            )
        if game not in PLAYTYPES:
            raise SeedError(
                f"There are no rules for the game {game!r} of {directory}."
                " Name the games to load with --game."
            )
    return wanted


def _records(directory: Path, kind: str, game: str) -> list[dict]:
    """The checked records of a file; none where there is no such file."""
    path = directory / f"{kind}-{game}.json"
    if not path.exists():
        return []
    text = _text(path)
    records = _parsed(path.name, text, kind)
    suspicious = spells_unstorable(text)
    defaults = _default_chart(game) if kind == "charts" else {}
    checked: dict[object, dict] = {}
    for index, record in enumerate(records):
        where = (kind, game, index, record)
        if suspicious:
            _refuse_unstorable(where, record)
        if isinstance(record, dict):
            record = {**defaults, **record}
        if wrong := problem(kind, game, record):
            raise SeedError(f"{place(*where)}: {wrong}.")
        if record[KEYS[kind]] in checked:
            raise SeedError(f"{place(*where)}: this {KEYS[kind]} is there twice.")
        checked[record[KEYS[kind]]] = record
    return list(checked.values())


def _courses(directory: Path, game: str) -> list[dict]:
    """The checked courses of a game; none where there is no file of them."""
    if game not in courses.games_with_courses(directory):
        return []
    path = directory / courses.FILES[game]
    records = _parsed(path.name, text := _text(path), "courses")
    suspicious = spells_unstorable(text)
    known: set[str] = set()
    for index, record in enumerate(records):
        place_of_it = f"{path.name}, record {index}"
        if suspicious and next(unstorable(record), None) is not None:
            raise SeedError(f"{place_of_it} holds NUL or half a character.")
        for wrong in courses.problems(game, record):
            raise SeedError(f"{place_of_it}: {wrong}.")
        if record["md5sums"] in known:
            raise SeedError(f"{place_of_it}: this course is there twice.")
        known.add(record["md5sums"])
    return records


def _default_chart(game: str) -> dict:
    """What a chart may leave out in a game whose songs have only one chart each."""
    difficulties = get_game(f"{game}:{PLAYTYPES[game][0]}").difficulties
    if difficulties is None or len(difficulties) > 1:
        return {}
    return {"difficulty": difficulties[0], "isPrimary": True}


def _refuse_unstorable(where: tuple, record: object) -> None:
    for path in unstorable(record):
        raise SeedError(
            f"{place(*where)}: {path or 'a key'} holds NUL or half a character."
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SeedError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"{path.name} is not UTF-8, at byte {error.start}.") from error


def _parsed(name: str, text: str, of: str) -> list:
    try:
        records = json.loads(
            text, parse_int=_integer, parse_float=_finite, parse_constant=_finite
        )
    except RecursionError as error:
        raise SeedError(f"{name} is nested too deeply.") from error
    except ValueError as error:
        raise SeedError(f"{name} is not JSON: {error}.") from error
    if not isinstance(records, list):
        raise SeedError(f"{name} has to be a list of {of}.")
    return records


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"{shown(text)} is too large a number")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{shown(text)} is too large a number, or none")
    return value
