"""A row of the CSV of IIDX, taken apart: which cell is what."""

from collections.abc import Sequence
from typing import Any

from imports.formats.base import ImportRefused
from imports.formats.cells import faulty, is_empty
from imports.formats.delimited_text import Row
from imports.formats.iidx_words import LAMPS

#: Number of columns → the difficulties of a row, in their order.
LAYOUTS = {
    27: ("NORMAL", "HYPER", "ANOTHER"),
    41: ("BEGINNER", "NORMAL", "HYPER", "ANOTHER", "LEGGENDARIA"),
}
#: What a difficulty has in which of its seven cells; the last, DJ level, follows.
BLOCK = ("level", "exscore", "pgreat", "great", "bp", "lamp")
FIRST_BLOCK, CELLS_OF_BLOCK, LAMP = 5, 7, 5
#: Before there was a column for it, LEGGENDARIA was a song of its own.
DAGGERS = ("†LEGGENDARIA", "†")
MOST_COMMAS = 4  # in the texts of a row that is put together again


def layout(headers: list[str]) -> tuple[str, ...]:
    """The difficulties of the table. Columns after the last one are not ours."""
    new, old = max(LAYOUTS), min(LAYOUTS)
    if len(headers) >= new:
        return LAYOUTS[new]
    is_old = len(headers) > old and headers[FIRST_BLOCK].startswith("NORMAL")
    if len(headers) == old or is_old:
        return LAYOUTS[old]
    raise ImportRefused(
        f"There are {len(headers)} columns: a CSV of IIDX has {new}, or {old} before"
        " HEROIC VERSE."
    )


def entries_of(row: Row, difficulties: tuple[str, ...]) -> Sequence[dict[str, Any]]:
    """What was played of a song."""
    width = FIRST_BLOCK + CELLS_OF_BLOCK * len(difficulties) + 1
    start = _first_block(row.cells, difficulties, width)
    if start is None:
        return [
            faulty(
                f"This row has {len(row.cells)} cells, where there should be {width}:"
                " a comma too many, or too few?"
            )
        ]
    texts = row.cells[: start - 1]
    song = {"version": texts[0].strip(), **_song(texts)}
    time = row.cells[start + CELLS_OF_BLOCK * len(difficulties)].strip()
    blocks = [start + n * CELLS_OF_BLOCK for n in range(len(difficulties))]
    played = []
    for difficulty, at in zip(difficulties, blocks, strict=True):
        cells = row.cells[at : at + len(BLOCK)]
        if difficulty != "BEGINNER" and _is_played(cells[0].strip(), cells[1].strip()):
            level, exscore, pgreat, great, bp, lamp = map(str.strip, cells)
            entry = {
                **song,
                "difficulty": difficulty,
                "time": time,
                "level": level,
                "exscore": exscore,
                "pgreat": pgreat,
                "great": great,
                "bp": bp,
                "lamp": lamp,
            }
            played.append(_undaggered(entry) if len(difficulties) == 3 else entry)
    return played


def _first_block(
    cells: list[str], difficulties: tuple[str, ...], width: int
) -> int | None:
    """Where the first difficulty begins: later, where commas part the texts before."""
    if len(cells) == width:
        return FIRST_BLOCK
    spare = min(len(cells) - width, MOST_COMMAS)
    for start in range(FIRST_BLOCK, FIRST_BLOCK + spare + 1):
        lamps = cells[start + LAMP :: CELLS_OF_BLOCK][: len(difficulties)]
        if all(lamp.strip() in LAMPS for lamp in lamps):
            return start
    return None


def _song(texts: list[str]) -> dict[str, Any]:
    """Title and artist, of version, title, genre and artist.

    With commas in them there are other ways to part the texts: titles that are shorter,
    each with the artist that would follow.
    """
    _, *parts = texts
    if len(parts) <= 3:
        return {"title": parts[0].strip(), "artist": parts[-1].strip()}
    longest = len(parts) - 2
    shorter = [
        [",".join(parts[:end]).strip(), ",".join(parts[artist:]).strip()]
        for end in range(1, longest)
        for artist in range(end + 1, len(parts))
    ]
    title = ",".join(parts[:longest]).strip()
    return {"title": title, "artist": parts[-1].strip(), "or": shorter}


def _is_played(level: str, exscore: str) -> bool:
    """A lamp without points is no play, nor is what there is no chart for."""
    return level not in ("", "0") and exscore != "0" and not is_empty(exscore)


def _undaggered(entry: dict[str, Any]) -> dict[str, Any]:
    for dagger in DAGGERS:
        if entry["title"].endswith(dagger):
            title = entry["title"].removesuffix(dagger).strip()
            return {**entry, "title": title, "difficulty": "LEGGENDARIA"}
    return entry


_OF_BLOCK = (
    *("難易度", "スコア", "PGreat", "Great", "ミスカウント", "クリアタイプ"),
    "DJ LEVEL",
)
_HEADERS = [
    *("バージョン", "タイトル", "ジャンル", "アーティスト", "プレー回数"),
    *(f"{difficulty} {what}" for difficulty in LAYOUTS[41] for what in _OF_BLOCK),
    "最終プレー日時",
]
_UNPLAYED = "0,0,0,0,---,NO PLAY,---"
SAMPLE = (
    f"{','.join(_HEADERS)}\n"
    f"BISTROVER,5.1.1.,PIANO AMBIENT,dj nagureo,3,{_UNPLAYED},{_UNPLAYED},{_UNPLAYED},"
    f"10,1200,500,200,12,HARD CLEAR,A,{_UNPLAYED},2021-06-22 10:14\n"
)
