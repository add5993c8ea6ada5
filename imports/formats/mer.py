"""The JSON that the network MER let players of beatmania IIDX export.

Tachi read it once, and does no more. A list of the best plays of charts.
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
from imports.formats.cells import faulty, with_sound, word
from imports.formats.iidx_words import LAMPS
from imports.formats.json_text import read_json
from imports.formats.outcomes import outcomes
from imports.formats.refusals import description
from imports.formats.times import JAPAN, unix_time
from imports.matching import NoMatch
from imports.matching.in_game import InGame, charts_in_game, is_of_the_arcade
from scores.models import Chart
from tachi.schema import Document, integer, one_of, string

IMPORT_TYPE = "file/mer-iidx"
SERVICE = "MER"
PLAYTYPES = {"SINGLE": "SP", "DOUBLE": "DP"}
#: What is read of an element of the list; the rest says nothing that we do not know.
ROW = Document(
    {
        "music_id": integer(0),
        "play_type": one_of(*PLAYTYPES),
        "diff_type": string(most=100),
        "score": integer(0),
        "miss_count": integer(-1, 9_999).or_null().or_absent(),
        "clear_type": string(most=100),
        "update_time": string(most=100).or_null().or_absent(),
    },
    open=True,
)


def parse(sent: Input) -> Parsed:
    """Raises ImportRefused."""
    rows = read_json(sent.payload)
    if not isinstance(rows, list):
        raise ImportRefused("Invalid MER: it has to be a list of scores.")
    require_at_most(len(rows))
    entries = [_entry(row) for row in rows if not _is_unplayed(row)]
    return Parsed("iidx", entries, {}, SERVICE)


def convert(
    entries: Sequence[dict[str, Any]], context: dict[str, Any]
) -> list[Draft | Failure]:
    """A draft or failure for each chart that was played, of both playtypes."""
    return outcomes(entries, with_sound(entries, _match), _draft)


def _is_unplayed(row: Any) -> bool:
    """BEGINNER is not kept; a score of 0 with a lamp is a play that went badly."""
    if not isinstance(row, dict):
        return False
    is_nothing = row.get("score") == 0 and row.get("clear_type") == "NO PLAY"
    return is_nothing or row.get("diff_type") == "BEGINNER"


def _entry(row: Any) -> dict[str, Any]:
    """What is read of a row; a fault in it costs no other."""
    violation = ROW.first(row)
    if violation is not None:
        return faulty(description("Invalid MER", violation))
    return {name: row[name] for name in ROW.fields if name in row}


def _match(entries: list[dict[str, Any]]) -> list[Chart | NoMatch]:
    """By the number that the arcade knows a song by; the present chart of it."""
    names = [
        InGame(int(each["music_id"]), PLAYTYPES[each["play_type"]], each["diff_type"])
        for each in entries
    ]
    return charts_in_game("iidx", None, names, is_of_the_arcade)


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    """Raises WrongCell."""
    misses = entry.get("miss_count")
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=unix_time(entry.get("update_time") or "", JAPAN),
        score_data={
            "score": entry["score"],
            "lamp": word(entry["clear_type"], LAMPS, "clear type"),
            "judgements": {},
            # -1 where it is not known.
            "optional": {} if misses in (None, -1) else {"bp": misses},
        },
        score_meta={},
    )


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is an export of the network, if it is."""
    beginning = payload[:2_000]
    keys = ("music_id", "play_type", "clear_type")
    if beginning.lstrip()[:1] == b"[" and all(
        f'"{key}"'.encode() in beginning for key in keys
    ):
        return f"it is a list of objects that have {', '.join(keys)}"
    return None


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="MER: JSON of beatmania IIDX",
        text="A list of scores. What a chart is called is its id in the game. Charts of"
        " fan-made sets, and BEGINNER, are not meant. Not part of Tachi any more.",
        origin="The export of the network MER.",
        fields=(
            Field("music_id", "the song's id in the game"),
            Field("play_type", ", ".join(PLAYTYPES)),
            Field("diff_type", "NORMAL, HYPER, ANOTHER, LEGGENDARIA"),
            Field("score", "the EX score"),
            Field("miss_count", "-1 where it is not known"),
            Field("clear_type", ", ".join(LAMPS)),
            Field("update_time", "when it was played, in Japan's time"),
        ),
        sample="""[
  {
    "music_id": 1000, "music_name": "5.1.1.", "play_type": "SINGLE",
    "diff_type": "ANOTHER", "score": 620, "miss_count": -1, "clear_type": "FAILED",
    "play_count": 1, "update_time": "2021-04-16 12:54:49"
  }
]
""",
    ),
    games=("iidx",),
    servers=("kamai",),
    recognises=recognised,
)
