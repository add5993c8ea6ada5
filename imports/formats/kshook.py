"""kshook, the hook of SOUND VOLTEX Konaste: a play, or all bests the game keeps."""

from collections.abc import Sequence
from functools import partial
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
)
from imports.formats.hook_body import problem, require
from imports.formats.json_text import read, read_json
from imports.formats.outcomes import outcomes
from imports.formats.software import require_agent, software_of
from imports.matching import NoMatch
from imports.matching.in_game import InGame, charts_in_game
from scores.models import Chart
from tachi.api.envelope import Problem
from tachi.schema import NOT_A_LIST, Document, integer, number, one_of, string

SAVE, EXPORT = "ir/kshook-sv6c", "ir/kshook-sv6c-static"
MODEL = "QCV"
VERSION = "konaste"
PERFECT = 10_000_000
GAUGE_UNITS = 100  # of a percent

LAMPS = {
    "CLEAR_PLAYED": "FAILED",
    "CLEAR_EFFECTIVE": "CLEAR",
    "CLEAR_EXCESSIVE": "EXCESSIVE CLEAR",
    "CLEAR_MAXXIVE": "MAXXIVE CLEAR",
    "CLEAR_ULTIMATE_CHAIN": "ULTIMATE CHAIN",
    "CLEAR_PERFECT": "PERFECT ULTIMATE CHAIN",
}
DIFFICULTIES = {
    "DIFFICULTY_NOVICE": "NOV",
    "DIFFICULTY_ADVANCED": "ADV",
    "DIFFICULTY_EXHAUST": "EXH",
    "DIFFICULTY_INFINITE": "ANY_INF",
    "DIFFICULTY_MAXIMUM": "MXM",
}
GRADES = ("D", "C", "B", "A", "A_PLUS", "AA", "AA_PLUS", "AAA", "AAA_PLUS", "S")
RATES = ("EFFECTIVE", "PERMISSIVE", "EXCESSIVE", "BLASTIVE", "MAXXIVE")

COUNT = integer(minimum=0)
BEST = {
    "clear": one_of(*LAMPS),
    "difficulty": one_of(*DIFFICULTIES),
    "score": integer(0, PERFECT),
    **dict.fromkeys(("music_id", "ex_score", "max_chain"), COUNT),
}
SCORE = Document(
    {
        **BEST,
        "gauge": number(0, 100 * GAUGE_UNITS).described("Hundredths of a percent."),
        "grade": one_of(*(f"GRADE_{grade}" for grade in GRADES)),
        "rate": one_of(*(f"RATE_{rate}" for rate in RATES)),
        **dict.fromkeys(("critical", "near", "error", "track_no"), COUNT),
    },
    open=True,
)
#: A row of an export. Of what nobody reads (the grade) anything will do, and a
#: difficulty that is unknown is one of a chart that is.
ROW = Document(
    {
        **BEST,
        "difficulty": string(most=100),
        "timestamp": COUNT.described("Unix seconds; 0 stands for unknown."),
    },
    open=True,
)


def require_konaste(agent: str, model: str) -> None:
    """Raise ImportRefused unless the headers are kshook's, and the game Konaste."""
    require_agent(agent, "kshook")
    software = software_of(model, f"{MODEL}:J:C:A:2021083100")
    if software.model != MODEL:
        raise ImportRefused(
            f"The model {software.model} is not SOUND VOLTEX Konaste ({MODEL})."
        )


def parse(sent: Input) -> Parsed:
    """A play, which is the body. Raises ImportRefused."""
    body, repeated = read(sent.payload)
    require(SCORE, body, repeated)
    return Parsed(
        game="sdvx",
        entries=[{name: body[name] for name in SCORE.fields}],
        context={"timeReceived": sent.received_at},
        service="kshook SV6C",
        classes={},
    )


def parse_export(sent: Input) -> Parsed:
    """All bests, under `scores`. Raises ImportRefused.

    Null is none: the hook writes an empty list so.
    """
    body = read_json(sent.payload)
    scores = body.get("scores", 0) if isinstance(body, dict) else 0
    if not isinstance(scores, list | None):
        problem_ = Problem(path="scores", message=NOT_A_LIST)
        raise ImportRefused(f"Invalid body: scores | {NOT_A_LIST}", problems=[problem_])
    return Parsed("sdvx", scores or [], {}, "kshook SV6C Static", {})


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play."""
    names = [_chart_name(entry) for entry in entries]
    draft = partial(_draft, context["timeReceived"])
    return outcomes(entries, charts_in_game("sdvx", VERSION, names), draft)


def convert_export(
    entries: Sequence[Any], context: dict[str, Any]
) -> list[Draft | Failure]:
    """A draft or failure for each best; one that is malformed costs itself only."""
    names = [_checked_name(entry) for entry in entries]
    known = [name for name in names if isinstance(name, InGame)]
    found = iter(charts_in_game("sdvx", VERSION, known))
    charts = (next(found) if isinstance(name, InGame) else name for name in names)
    return outcomes(entries, charts, _best)


def _chart_name(entry: dict) -> InGame:
    difficulty = DIFFICULTIES[entry["difficulty"]]
    return InGame(int(entry["music_id"]), "Single", difficulty)


def _checked_name(entry: Any) -> InGame | NoMatch:
    if wrong := problem(ROW, entry, "Invalid score"):
        return NoMatch(FailureType.INVALID, wrong)
    if entry["difficulty"] in DIFFICULTIES:
        return _chart_name(entry)
    return NoMatch(
        FailureType.NOT_FOUND,
        f"Cannot find chart {entry['difficulty']} of song {int(entry['music_id'])}:"
        " there is no such difficulty.",
    )


def _draft(time_received: int, position: int, entry: dict, chart: Chart) -> Draft:
    return Draft(
        position=position,
        chart=chart,
        service="kshook SV6C",
        import_type=SAVE,
        comment=None,
        time_achieved=time_received,
        score_data={
            "score": entry["score"],
            "lamp": LAMPS[entry["clear"]],
            "judgements": {
                "critical": entry["critical"],
                "near": entry["near"],
                "miss": entry["error"],
            },
            "optional": {
                "gauge": entry["gauge"] / GAUGE_UNITS,
                "maxCombo": entry["max_chain"],
                "exScore": entry["ex_score"],
            },
        },
        score_meta={},
    )


def _best(position: int, entry: dict, chart: Chart) -> Draft:
    return Draft(
        position=position,
        chart=chart,
        service="kshook SV6C Static",
        import_type=EXPORT,
        comment=None,
        time_achieved=int(entry["timestamp"]) * 1000 or None,
        score_data={
            "score": entry["score"],
            "lamp": LAMPS[entry["clear"]],
            "judgements": {},
            "optional": {"maxCombo": entry["max_chain"], "exScore": entry["ex_score"]},
        },
        score_meta={},
    )


ORIGIN = (
    "kshook for SOUND VOLTEX Konaste (model QCV), with your API key and this server's"
    " address in its configuration."
)
OF_BEST = (
    Field("music_id", "the song's number in the game"),
    Field("difficulty", "DIFFICULTY_NOVICE, ADVANCED, EXHAUST, INFINITE or MAXIMUM"),
    Field("clear", "CLEAR_PLAYED (failed), EFFECTIVE, … PERFECT"),
    Field("score, ex_score, max_chain", "what was reached"),
)
SAVE_FORMAT = Format(
    SAVE,
    parse,
    convert,
    about=About(
        title="kshook",
        text="One play of SOUND VOLTEX Konaste, sent by the hook when it ends"
        " (POST /ir/kshook/sv6c/score/save).",
        origin=ORIGIN,
        fields=(
            *OF_BEST,
            Field("critical, near, error", "how many of each judgement"),
            Field("gauge", "hundredths of a percent, 0 to 10000"),
            Field("grade, rate, track_no", "checked, and not kept"),
        ),
        sample="""{
  "music_id": 501, "difficulty": "DIFFICULTY_EXHAUST", "clear": "CLEAR_EFFECTIVE",
  "score": 9579365, "ex_score": 3334, "max_chain": 158, "gauge": 8100,
  "critical": 1184, "near": 46, "error": 30,
  "grade": "GRADE_AA_PLUS", "rate": "RATE_EFFECTIVE", "track_no": 1
}
""",
    ),
    games=("sdvx",),
    servers=("kamai",),
)
EXPORT_FORMAT = Format(
    EXPORT,
    parse_export,
    convert_export,
    about=About(
        title="kshook, export",
        text="All bests that SOUND VOLTEX Konaste keeps of a player"
        " (POST /ir/kshook/sv6c/score/export). They count once, when forceStaticImport"
        " is set.",
        origin="kshook, by itself. Set forceStaticImport at"
        " /api/v1/users/me/integrations/kshook-sv6c/settings.",
        fields=(
            Field("scores", "the list; null for none"),
            *OF_BEST,
            Field("timestamp", "unix seconds; 0 where unknown"),
        ),
        sample="""{
  "scores": [
    {
      "music_id": 501, "difficulty": "DIFFICULTY_EXHAUST", "clear": "CLEAR_EFFECTIVE",
      "score": 9579365, "ex_score": 3334, "max_chain": 158,
      "grade": "GRADE_AA_PLUS", "timestamp": 1624324467
    }
  ]
}
""",
    ),
    games=("sdvx",),
    servers=("kamai",),
)
