"""The CSV of scores that KONAMI's site gives SOUND VOLTEX players, since EXCEED GEAR.

A row is the best play of a chart. The site lists the best of each thing, and no times.
"""

from collections.abc import Sequence
from typing import Any

from imports.failures import FailureType
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
from imports.formats.cells import count, faulty, is_empty, with_sound, word
from imports.formats.delimited_text import Row, read_table, without_spare
from imports.formats.outcomes import outcomes
from imports.matching import FILE_TITLE, Name, NoMatch, match
from scores.games import get_game
from scores.models import Chart

IMPORT_TYPE = "file/eamusement-sdvx-csv"
SERVICE = "e-amusement"
#: The columns that are read, in their order. Four more follow: how often it was played,
#: cleared, and ended in an ULTIMATE CHAIN and a PERFECT.
COLUMNS = ("title", "difficulty", "level", "lamp", "grade", "score", "exscore")
WIDTH = 11
SCORE, SCORE_HEADER, EX_SCORE_HEADER = 5, "ハイスコア", "EXスコア"
DIFFICULTIES = {
    "NOVICE": "NOV",
    "ADVANCED": "ADV",
    "EXHAUST": "EXH",
    "MAXIMUM": "MXM",
    "INFINITE": "INF",
    "GRAVITY": "GRV",
    "HEAVENLY": "HVN",
    "VIVID": "VVD",
    "EXCEED": "XCD",
    "ULTIMATE": "ULT",
}
LAMPS = {
    "PLAYED": "FAILED",
    "COMPLETE": "CLEAR",
    "EXCESSIVE COMPLETE": "EXCESSIVE CLEAR",
    "MAXXIVE COMPLETE": "MAXXIVE CLEAR",
    "ULTIMATE CHAIN": "ULTIMATE CHAIN",
    "PERFECT": "PERFECT ULTIMATE CHAIN",
}


def parse(sent: Input) -> Parsed:
    """Raises ImportRefused."""
    table = read_table(sent.payload)
    headers = table.headers if table else []
    has_ex_score = _has_ex_score(headers)
    width = WIDTH if has_ex_score else WIDTH - 1
    entries: list[dict[str, Any]] = []
    lines: list[int] = []
    for row in table.rows() if table else ():
        entry = _entry(row, has_ex_score, width)
        if entry is not None:
            entries.append(entry)
            lines.append(row.line)
    require_at_most(len(entries))
    return Parsed("sdvx", entries, {}, SERVICE, lines=lines)


def convert(
    entries: Sequence[dict[str, Any]], context: dict[str, Any]
) -> list[Draft | Failure]:
    """A draft or failure for each chart that was played."""
    return outcomes(entries, with_sound(entries, _match), _draft)


def _has_ex_score(headers: list[str]) -> bool:
    """Whether there is a column for the EX score, which writers may leave out.

    Raises ImportRefused for another table, as that of SDVX IV, which has ten columns.
    """
    is_wide = len(headers) >= WIDTH - 1
    if is_wide and headers[SCORE] == SCORE_HEADER and EX_SCORE_HEADER not in headers:
        return False
    if len(headers) >= WIDTH:
        return True
    raise ImportRefused(
        f"There are {len(headers)} columns: a CSV of SOUND VOLTEX has {WIDTH}."
    )


def _entry(row: Row, has_ex_score: bool, width: int) -> dict[str, Any] | None:
    """The play of a row; None where it was not played.

    The title may have commas in it: then the difficulty stands further to the right.
    """
    cells = without_spare(row.cells, width)
    starts = range(1, max(len(cells) - width, 0) + 2)
    start = next((at for at in starts if _is_difficulty(cells, at)), 1)
    if len(cells) < width:
        return faulty(
            f"This row has {len(cells)} cells, where there should be {width}."
        )
    title = ",".join(cells[:start])
    rest = [cell.strip() for cell in cells[start:]]
    entry = dict(zip(COLUMNS[1:], rest, strict=False))
    if not has_ex_score:
        entry["exscore"] = ""
    unplayed = entry["score"] == "0" and entry["lamp"] in ("NO PLAY", "", "-", "---")
    if is_empty(entry["score"]) or unplayed:
        return None
    return {"title": title, **entry}


def _is_difficulty(cells: list[str], at: int) -> bool:
    return at < len(cells) and cells[at].strip() in DIFFICULTIES


def _match(entries: list[dict[str, Any]]) -> list[Chart | NoMatch]:
    """The primary chart of each row. Levels change: they do not tell charts apart."""
    names = [
        Name(FILE_TITLE, entry["title"], DIFFICULTIES.get(entry["difficulty"], "NOV"))
        for entry in entries
    ]
    found = match(get_game("sdvx:Single"), None, names)
    return [
        each if entry["difficulty"] in DIFFICULTIES else _unknown_difficulty(entry)
        for entry, each in zip(entries, found, strict=True)
    ]


def _unknown_difficulty(entry: dict[str, Any]) -> NoMatch:
    """The game has new ones now and then: the row waits until it is known."""
    known = ", ".join(DIFFICULTIES)
    message = f"Unknown difficulty {entry['difficulty']!r}: known are {known}."
    return NoMatch(FailureType.NOT_FOUND, message)


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    """Raises WrongCell."""
    exscore = entry["exscore"]
    ex_score = 0 if is_empty(exscore) else count(exscore, "The EX score")
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=None,
        score_data={
            "score": count(entry["score"], "The score", 10_000_000),
            "lamp": word(entry["lamp"], LAMPS, "clear rank"),
            "judgements": {},
            # 0 where the EX score was off.
            "optional": {"exScore": ex_score or None},
        },
        score_meta={},
        note=_note(entry, chart),
    )


def _note(entry: dict[str, Any], chart: Chart) -> str | None:
    if is_empty(entry["level"]) or entry["level"] == chart.level:
        return None
    return f"Its level is {chart.level} here and {entry['level'][:20]} in the file."


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is a CSV of SOUND VOLTEX, if it is."""
    try:
        table = read_table(payload)
    except ImportRefused:
        return None
    if table and table.headers[:2] == ["楽曲名", "難易度"]:
        return f"its columns begin with {', '.join(table.headers[:2])}"
    return None


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="SOUND VOLTEX: CSV of the e-amusement site",
        text="The columns are read by their place, and further ones at the end are not"
        " read. The chart is the present one of that title and difficulty, whatever its"
        " level is. Rows of a difficulty that is not known here wait for it as orphans."
        " The file of SDVX IV, of ten columns, is not read.",
        origin="p.eagate.573.jp, in the pages of the game: download of score data, for"
        " those with the premium course.",
        fields=(
            Field("楽曲名 (title)", "the song"),
            Field("難易度 (difficulty)", ", ".join(DIFFICULTIES)),
            Field("楽曲レベル (level)", "compared only; 17 and 17.5 are fine"),
            Field("クリアランク (clear rank)", ", ".join(LAMPS)),
            Field("スコアグレード (grade)", "not read"),
            Field("ハイスコア (score)", "empty or `-` where it was not played"),
            Field("EXスコア (EX score)", "0 where it is not known; may be left out"),
            Field(
                "プレー回数, クリア回数, ULTIMATE CHAIN, PERFECT",
                "how often: not read",
            ),
        ),
        sample="楽曲名,難易度,楽曲レベル,クリアランク,スコアグレード,ハイスコア,EXスコア,プレー回数,"
        "クリア回数,ULTIMATE CHAIN,PERFECT\n"
        "竹,EXHAUST,17,EXCESSIVE COMPLETE,AAA+,9866844,0,4,4,0,0\n",
    ),
    games=("sdvx",),
    servers=("kamai",),
    recognises=recognised,
)
