"""A player of WACCA, as MyPageScraper wrote them: the class, and no scores."""

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
)
from imports.formats.delimited_text import listed, read_table
from imports.matching.numbers import safe_integer

IMPORT_TYPE = "file/mypagescraper-player-csv"
COLUMN = "player_stage"
#: Of the id 1 to 14.
STAGES = (
    *("I", "II", "III", "IV", "V", "VI", "VII"),
    *("VIII", "IX", "X", "XI", "XII", "XIII", "XIV"),
)


def parse(sent: Input) -> Parsed:
    """Raises ImportRefused: there is one row, so any fault is one of the whole."""
    table = read_table(sent.payload)
    rows = list(table.rows()) if table and COLUMN in table.headers else []
    if table is None or len(rows) != 1:
        there = ", ".join(table.headers)[:500] if table else "none"
        raise ImportRefused(
            f"There has to be one row, with a column {COLUMN}. The columns are: {there}"
            + (f", and there are {len(rows)} rows." if rows else ".")
        )
    at = table.headers.index(COLUMN)
    [(_, cells)] = rows
    stage = listed(cells[at]) if len(cells) == len(table.headers) else None
    if stage is None or len(stage) != 3:
        shown = ", ".join(cells)[:100]
        raise ImportRefused(
            f"{COLUMN} has to be of the form [id,name,grade], and the row is {shown!r}."
        )
    number = safe_integer(stage[0]) or 0
    if not 1 <= number <= len(STAGES):
        raise ImportRefused(
            f"There is no stage {stage[0]!r}: ids are 1 to {len(STAGES)}; 0 is none."
        )
    classes = {"wacca:Single": {"stageUp": STAGES[number - 1]}}
    return Parsed("wacca", [], {}, "mypage-scraper", classes)


def convert(entries: Sequence[Any], context: dict[str, Any]) -> list[Draft | Failure]:
    """There are no scores."""
    return []


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is a table of a player, if it is."""
    try:
        table = read_table(payload)
    except ImportRefused:
        return None
    return f"it has a column {COLUMN}" if table and COLUMN in table.headers else None


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="WACCA: player of MyPageScraper",
        text="Sets the class stageUp; there are no scores in it.",
        origin="The program wacca-mypage-scraper, which read the site of the game while"
        " there was one: player.csv.",
        fields=(
            Field(
                COLUMN,
                f"`[id,name,grade]`; the id, 1 to {len(STAGES)}, is the stage, and the"
                " others are not read",
            ),
        ),
        sample='player_name,player_stage\nSOMEONE,"[12,ステージXII,3]"\n',
    ),
    games=("wacca",),
    servers=("kamai",),
    recognises=recognised,
)
