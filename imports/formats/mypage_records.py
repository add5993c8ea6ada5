"""The records of WACCA, as MyPageScraper wrote them from the game's own site.

A row is a song; a cell has a list of one thing for each of its difficulties.
"""

from collections.abc import Sequence
from typing import Any

from imports.formats.base import (
    About,
    Draft,
    Failure,
    Field,
    Format,
    ImportRefused,
    Input,
    Parsed,
    require_at_most,
)
from imports.formats.cells import WrongCell, count, faulty, with_sound, word
from imports.formats.delimited_text import listed, read_table, without_spare
from imports.formats.outcomes import outcomes
from imports.matching import FILE_TITLE, Name, NoMatch, match
from scores.games import get_game
from scores.models import Chart

IMPORT_TYPE = "file/mypagescraper-records-csv"
SERVICE = "mypage-scraper"
COLUMNS = (
    "music_id",
    "music_title",
    "music_levels",
    "music_scores",
    "music_achieves",
)
DIFFICULTIES = ("NORMAL", "HARD", "EXPERT", "INFERNO")
LAMPS = {
    "0": "FAILED",
    "1": "CLEAR",
    "2": "MISSLESS",
    "3": "FULL COMBO",
    "4": "ALL MARVELOUS",
}


def parse(sent: Input) -> Parsed:
    """Raises ImportRefused. An empty file is an import without scores."""
    entries: list[dict[str, Any]] = []
    lines: list[int] = []
    table = read_table(sent.payload)
    if table is not None:
        at = _places(table.headers)
        for row in table.rows():
            found = _entries(row.cells, at, len(table.headers))
            entries += found
            lines += [row.line] * len(found)
            require_at_most(len(entries))
    return Parsed("wacca", entries, {}, SERVICE, lines=lines)


def convert(
    entries: Sequence[dict[str, Any]], context: dict[str, Any]
) -> list[Draft | Failure]:
    """A draft or failure for each played difficulty of a song."""
    return outcomes(entries, with_sound(entries, _match), _draft)


def _places(headers: list[str]) -> dict[str, int]:
    missing = [name for name in COLUMNS if name not in headers]
    if missing:
        there = ", ".join(headers)
        raise ImportRefused(
            f"There is no column {', '.join(missing)}. There are: {there[:500]}."
        )
    return {name: headers.index(name) for name in COLUMNS}


def _entries(
    cells: list[str], at: dict[str, int], width: int
) -> Sequence[dict[str, Any]]:
    """What was played of a song: a level and a score that are not 0."""
    cells = without_spare(cells, width)
    if len(cells) != width:
        problem = f"This row has {len(cells)} cells, where there should be {width}."
        return [faulty(problem)]
    levels = listed(cells[at["music_levels"]]) or []
    scores = listed(cells[at["music_scores"]])
    lamps = listed(cells[at["music_achieves"]]) or []
    played = []
    for number, level in enumerate(levels[: len(DIFFICULTIES)]):
        score = _nth(scores, number, "0") if scores is not None else "?"
        if level not in ("0", "") and score not in ("0", ""):
            played.append(
                {
                    "title": cells[at["music_title"]],
                    "difficulty": DIFFICULTIES[number],
                    "level": level,
                    "score": score,
                    "lamp": _nth(lamps, number, ""),
                }
            )
    return played


def _nth(texts: list[str], number: int, otherwise: str) -> str:
    return texts[number] if number < len(texts) else otherwise


def _match(entries: list[dict[str, Any]]) -> list[Chart | NoMatch]:
    names = [Name(FILE_TITLE, each["title"], each["difficulty"]) for each in entries]
    return match(get_game("wacca:Single"), None, names)


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    """Raises WrongCell. Another level is another chart: no more versions come."""
    if entry["level"] != chart.level:
        raise WrongCell(
            f"The level of {entry['title']!r} {entry['difficulty']} is {chart.level},"
            f" and here it is {entry['level']!r}: another chart is meant."
        )
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=None,
        score_data={
            "score": count(entry["score"], "The score", 1_000_000),
            "lamp": word(entry["lamp"], LAMPS, "achievement"),
            "judgements": {},
            "optional": {},
        },
        score_meta={},
    )


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is a table of records, if it is."""
    try:
        table = read_table(payload)
    except ImportRefused:
        return None
    if table and set(COLUMNS) <= set(table.headers):
        return f"it has the columns {', '.join(COLUMNS)}"
    return None


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="WACCA: records of MyPageScraper",
        text="Columns are found by their headers; others are not read. A list that"
        " cannot be read counts as empty.",
        origin="The program wacca-mypage-scraper, which read the site of the game while"
        " there was one: records.csv.",
        fields=(
            Field("music_id", "not read, but it has to be there"),
            Field("music_title", "the song"),
            Field("music_levels", f"`[3,8,12,0]`: of {', '.join(DIFFICULTIES)}"),
            Field("music_scores", "in the same order; 0 where it was not played"),
            Field(
                "music_achieves",
                ", ".join(f"{number} {lamp}" for number, lamp in LAMPS.items()),
            ),
        ),
        sample="music_id,music_title,music_levels,music_scores,music_achieves\n"
        '3030,ヒトガタ,"[3,9+,12,0]","[0,0,994009]","[0,0,2]"\n',
    ),
    games=("wacca",),
    servers=("kamai",),
    recognises=recognised,
)
