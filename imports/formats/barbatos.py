"""BARBATOS, the hook of SOUND VOLTEX: a play, in one of two shapes.

Which one it is, and so the version of the game, is told by `ex_score`. Unknown keys are
refused in both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from imports.formats.base import (
    About,
    Draft,
    Failure,
    Field,
    Format,
    Input,
    Parsed,
)
from imports.formats.hook_body import require
from imports.formats.json_text import read
from imports.formats.outcomes import outcomes
from imports.matching.in_game import InGame, charts_in_game
from scores.models import Chart
from tachi.schema import Document, boolean, either, integer, number, that

IMPORT_TYPE = "ir/barbatos"
DIFFICULTIES = ("NOV", "ADV", "EXH", "ANY_INF", "MXM")
#: By `clear_type`, which counts from 1.
LAMPS = (
    "FAILED",
    "CLEAR",
    "EXCESSIVE CLEAR",
    "ULTIMATE CHAIN",
    "PERFECT ULTIMATE CHAIN",
)
MOST_LEVEL = 20
EARLY_AND_LATE = (
    *("early_error", "early_near", "early_crit", "s_crit"),
    *("late_crit", "late_near", "late_error"),
    *("chip_s_crit", "chip_crit", "chip_near", "chip_error"),
    *("long_crit", "long_error", "vol_crit", "vol_error"),
)

COUNT = integer(minimum=0)
COMMON = {
    "difficulty": integer(0, len(DIFFICULTIES) - 1),
    "level": integer(1, MOST_LEVEL),
    "song_id": COUNT.described("The song's number in the game."),
    "max_chain": COUNT,
    "score": integer(0, 10_000_000),
    "percent": number(0, 100).described("The gauge."),
    "clear_type": integer(1, len(LAMPS)),
    "gauge_type": integer(0, 3),
}
VIVID_WAVE = Document(
    {
        **COMMON,
        **dict.fromkeys(
            ("critical", "near_total", "near_fast", "near_slow", "error"), COUNT
        ),
        "did_fail": boolean(),
        "is_skill_analyzer": boolean(),
    }
)
EXCEED_GEAR = Document(
    {
        **COMMON,
        "ex_score": integer(),
        **dict.fromkeys(EARLY_AND_LATE, integer()),
        "grade": that(lambda value: True, "Expected anything."),
    }
)
SCORE = either(VIVID_WAVE, EXCEED_GEAR)


@dataclass(frozen=True)
class Shape:
    """A body's check, and what it says of a play beside what both shapes have."""

    check: Document
    judgements: Callable[[Mapping[str, Any]], dict[str, Any]]
    optional: Callable[[Mapping[str, Any]], dict[str, Any]]


#: Version of the game → what its hook sends.
SHAPES = {
    "vivid": Shape(
        VIVID_WAVE,
        lambda sent: {
            "critical": sent["critical"],
            "near": sent["near_total"],
            "miss": sent["error"],
        },
        lambda sent: {
            "fast": sent["near_fast"],
            "slow": sent["near_slow"],
            "exScore": None,
        },
    ),
    "exceed": Shape(
        EXCEED_GEAR,
        lambda sent: {
            "critical": sent["early_crit"] + sent["s_crit"] + sent["late_crit"],
            "near": sent["chip_near"],
            "miss": sent["early_error"] + sent["late_error"],
        },
        lambda sent: {
            "fast": sent["early_near"],
            "slow": sent["late_near"],
            "exScore": sent["ex_score"],
        },
    ),
}


def parse(sent: Input) -> Parsed:
    """A play, which is the body. Raises ImportRefused."""
    body, repeated = read(sent.payload)
    version = "exceed" if isinstance(body, dict) and "ex_score" in body else "vivid"
    require(SHAPES[version].check, body, repeated)
    return Parsed(
        game="sdvx",
        entries=[body],
        context={"timeReceived": sent.received_at, "version": version},
        service=_service(version),
        classes={},
    )


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play."""
    version = context["version"]
    names = [
        InGame(int(entry["song_id"]), "Single", DIFFICULTIES[int(entry["difficulty"])])
        for entry in entries
    ]
    draft = partial(_draft, version, context["timeReceived"])
    return outcomes(entries, charts_in_game("sdvx", version, names), draft)


def _service(version: str) -> str:
    return f"Barbatos ({version})"


def _draft(
    version: str, time_received: int, position: int, entry: dict, chart: Chart
) -> Draft:
    shape = SHAPES[version]
    return Draft(
        position=position,
        chart=chart,
        service=_service(version),
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=time_received,
        score_data={
            "score": entry["score"],
            "lamp": LAMPS[int(entry["clear_type"]) - 1],
            "judgements": shape.judgements(entry),
            "optional": {
                **shape.optional(entry),
                "gauge": entry["percent"],
                "maxCombo": entry["max_chain"],
            },
        },
        score_meta={"inSkillAnalyser": entry.get("is_skill_analyzer")},
    )


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="BARBATOS",
        text="One play of SOUND VOLTEX VIVID WAVE or EXCEED GEAR, sent by the hook when"
        " it ends (POST /ir/barbatos/score/submit).",
        origin="BARBATOS, with your API key and this server's address in its"
        " configuration.",
        fields=(
            Field("song_id", "the song's number in the game"),
            Field("difficulty", "0 NOV, 1 ADV, 2 EXH, 3 INF and the like, 4 MXM"),
            Field("level", "1 to 20; not looked at"),
            Field("score, percent, max_chain", "score, gauge and longest chain"),
            Field("clear_type", "1 FAILED to 5 PERFECT ULTIMATE CHAIN"),
            Field("gauge_type", "0 to 3; not kept"),
            Field("critical, near_total, near_fast, near_slow, error", "VIVID WAVE"),
            Field("did_fail, is_skill_analyzer", "VIVID WAVE"),
            Field("ex_score, s_crit, early_…, late_…, chip_…, …", "EXCEED GEAR"),
        ),
        sample="""{
  "difficulty": 2, "level": 15, "song_id": 501, "score": 9500000, "percent": 81,
  "max_chain": 500, "clear_type": 2, "gauge_type": 1,
  "critical": 1000, "near_total": 30, "near_fast": 20, "near_slow": 10, "error": 5,
  "did_fail": false, "is_skill_analyzer": false
}
""",
    ),
    games=("sdvx",),
    servers=("kamai",),
)
