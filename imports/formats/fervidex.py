"""fervidex, the hook of beatmania IIDX: a play as it ends, or a course.

The body is the play itself. What it holds beside the fields here is ignored, at every
level: newer builds send more. All scores that the game keeps are another import type
(`fervidex_profile`).
"""

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
    Input,
    Parsed,
)
from imports.formats.declared import or_declared
from imports.formats.fervidex_charts import (
    CHARTS,
    LAMPS,
    UNTRACKED,
    VERSION,
    chart_name,
    version_in,
)
from imports.formats.hook_body import require
from imports.formats.json_text import read
from imports.formats.outcomes import NoScore, outcomes
from imports.matching import NoMatch
from imports.matching.hashes import charts_by_hash
from imports.matching.in_game import charts_in_game, is_of_the_arcade
from scores.games import PLAYTYPES, get_game
from scores.models import Chart
from tachi.schema import Document, array, boolean, integer, one_of, string, that

IMPORT_TYPE = "ir/fervidex"
SERVICE = "Fervidex"
DEAD_FROM = 200  # of the gauge: the player had failed by then
FULL = 100  # percent

#: What the game calls the options of a play → what we do; None where it was none.
ASSISTS: dict[str | None, str] = {
    None: "NO ASSIST",
    "AUTO_SCRATCH": "AUTO SCRATCH",
    "LEGACY_NOTE": "LEGACY NOTE",
    "ASCR_LEGACY": "FULL ASSIST",
    "FULL_ASSIST": "FULL ASSIST",
}
GAUGES: dict[str | None, str] = {
    None: "NORMAL",
    "ASSISTED_EASY": "ASSISTED EASY",
    "EASY": "EASY",
    "HARD": "HARD",
    "EX_HARD": "EX-HARD",
    **{f"EROSION_LV{level}": "NORMAL" for level in range(1, 6)},
}
RANGES: dict[str | None, str] = {
    None: "NONE",
    "SUDDEN_PLUS": "SUDDEN+",
    "HIDDEN_PLUS": "HIDDEN+",
    "SUD_PLUS_HID_PLUS": "SUD+ HID+",
    "LIFT": "LIFT",
    "LIFT_SUD_PLUS": "LIFT SUD+",
}
RANDOMS: dict[str | None, str] = {
    None: "NONRAN",
    "RANDOM": "RANDOM",
    "R_RANDOM": "R-RANDOM",
    "S_RANDOM": "S-RANDOM",
    "MIRROR": "MIRROR",
}
JUDGEMENTS = ("pgreat", "great", "good", "bad", "poor")
#: The gauges that run beside the one that was chosen → our metrics.
SHIFTED = {
    "EASY": "gsmEasy",
    "NORMAL": "gsmNormal",
    "HARD": "gsmHard",
    "EX_HARD": "gsmEXHard",
}
DANS = get_game("iidx:SP").classes["dan"].values

COUNT = integer(minimum=0)
PERCENTS = array(integer(0, 255))
ANYTHING = that(lambda value: True, "Expected anything.")


def _option(meanings: dict[str | None, str]) -> Any:
    return one_of(*filter(None, meanings)).or_null().or_absent()


SCORE = Document(
    {
        "chart": one_of(*CHARTS, *UNTRACKED),
        "entry_id": COUNT.described("The song's number in the game."),
        **dict.fromkeys((*JUDGEMENTS, "slow", "fast", "combo_break"), COUNT),
        "ex_score": COUNT,
        "max_combo": COUNT.or_absent(),
        "clear_type": integer(0, len(LAMPS) - 1),
        "gauge": PERCENTS.described("Over time; above 200 after a failure."),
        "ghost": ANYTHING.or_absent().described("The score over time."),
        "custom": boolean().or_absent().described("The chart is no official one."),
        "chart_sha256": string().or_absent().described("Names a custom chart."),
        "dead": Document(
            dict.fromkeys(("measure", "note"), COUNT.or_null().or_absent()),
            open=True,
            optional=True,
        ),
        "option": Document(
            {
                "gauge": _option(GAUGES),
                "range": _option(RANGES),
                "style": _option(RANDOMS),
                "style_2p": _option(RANDOMS),
                "assist": _option(ASSISTS),
            },
            open=True,
            optional=True,
        ),
        "2dx-gsm": Document(dict.fromkeys(SHIFTED, PERCENTS), open=True, optional=True),
        "highlight": boolean().or_absent().described("Mark the score as a highlight."),
        "duplicate": boolean().or_absent(),
    },
    open=True,
)
COURSE = Document(
    {
        "cleared": boolean(),
        "course_id": integer(0, len(DANS) - 1).described("From 7th kyu to kaiden."),
        "play_style": integer(0, 1).described("0 is SP, 1 is DP."),
    },
    open=True,
)


def parse(sent: Input) -> Parsed:
    """A play. Raises ImportRefused.

    `version` is the game's. A BEGINNER chart is no entry: nobody tracks them.
    """
    body, repeated = read(sent.payload)
    require(SCORE, body, repeated)
    return Parsed(
        game="iidx",
        entries=[] if body["chart"] in UNTRACKED else [_known(body)],
        context={"version": version_in(sent), "timeReceived": sent.received_at},
        service=SERVICE,
        classes={},
    )


def _known(body: dict) -> dict:
    return {name: body[name] for name in SCORE.fields if name in body}


def dan_of(course: dict) -> tuple[str, str, str]:
    """Game and playtype, "dan", and the dan that a cleared course gives."""
    playtype = PLAYTYPES["iidx"][int(course["play_style"])]
    return f"iidx:{playtype}", "dan", DANS[int(course["course_id"])]


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play."""
    draft = partial(_draft, context["timeReceived"])
    return outcomes(entries, _charts(entries, context["version"]), draft)


def _charts(entries: Sequence[dict], version: str) -> list[Chart | NoMatch]:
    """Custom charts go by their hash, others by their number and are no 2dxtra."""
    official = [entry for entry in entries if not entry.get("custom")]
    names = [chart_name(entry["chart"], int(entry["entry_id"])) for entry in official]
    found = iter(charts_in_game("iidx", version, names, is_of_the_arcade))
    hashes = {
        entry["chart_sha256"]
        for entry in entries
        if entry.get("custom") and "chart_sha256" in entry
    }
    by_hash = charts_by_hash("iidx", ["hashSHA256"], hashes)
    return [
        _custom(entry, by_hash) if entry.get("custom") else next(found)
        for entry in entries
    ]


def _custom(entry: dict, by_hash: Any) -> Chart | NoMatch:
    sha256 = entry.get("chart_sha256")
    if sha256 is None:
        return NoMatch(FailureType.INVALID, "A custom chart has no chart_sha256.")
    if charts := by_hash.get(sha256):
        return charts[0]
    text = f"Cannot find chart with hash {sha256}."
    return NoMatch(FailureType.NOT_FOUND, text)


def _draft(time_received: int, position: int, entry: dict, chart: Chart) -> Draft:
    """Raises NoScore."""
    history = [None if at > DEAD_FROM else at for at in entry["gauge"]]
    last = history[-1] if history else None
    if last is not None and last > FULL:
        raise NoScore(
            f"Invalid value of gauge {last}, the last one: expected at most {FULL}."
        )
    option = entry.get("option", {})
    randoms = [RANDOMS[option.get(name)] for name in ("style", "style_2p")]
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=time_received,
        score_data={
            "score": entry["ex_score"],
            "lamp": LAMPS[int(entry["clear_type"])],
            "judgements": {name: entry[name] for name in JUDGEMENTS},
            "optional": _optional(entry, history),
        },
        score_meta={
            "assist": ASSISTS[option.get("assist")],
            "gauge": GAUGES[option.get("gauge")],
            "random": randoms if chart.playtype == "DP" else randoms[0],
            "range": RANGES[option.get("range")],
        },
        highlight=bool(entry.get("highlight")),
    )


def _optional(entry: dict, history: list[int | None]) -> dict[str, Any]:
    optional = {
        "fast": entry["fast"],
        "slow": entry["slow"],
        "comboBreak": entry["combo_break"],
        "maxCombo": None,
        # Who has died was judged no further.
        "bp": None if "dead" in entry else entry["bad"] + entry["poor"],
        "gaugeHistory": history,
    }
    if history:
        optional["gauge"] = history[-1]
    if "ghost" in entry:
        optional["scoreHistory"] = entry["ghost"]
    if shifted := entry.get("2dx-gsm"):
        optional |= {metric: shifted[name] for name, metric in SHIFTED.items()}
    return optional


SAMPLE = """{
  "chart": "spa", "entry_id": 1001, "clear_type": 5, "ex_score": 1600,
  "pgreat": 700, "great": 200, "good": 50, "bad": 10, "poor": 5,
  "fast": 30, "slow": 40, "combo_break": 15,
  "gauge": [100, 98, 80, 60], "ghost": [0, 2, 4],
  "option": {"gauge": "HARD", "range": "SUDDEN_PLUS", "style": "RANDOM"}
}
"""
FORMAT = Format(
    IMPORT_TYPE,
    or_declared(parse, SERVICE),
    convert,
    about=About(
        title="fervidex",
        asked=(VERSION, Field("course", "any text, where it is a cleared course")),
        text="One play of beatmania IIDX, sent by the hook when it ends"
        " (POST /ir/fervidex/score/submit), or a course that was cleared"
        " (POST /ir/fervidex/class/submit).",
        origin="fervidex 1.3 or later, with your API key and this server's address in"
        " its configuration. X-Software-Model says which version of the game it is.",
        fields=(
            Field("chart", "spn, sph, spa, spl, and so for DP; spb is left out"),
            Field("entry_id", "the song's number in the game"),
            Field("clear_type", "0 NO PLAY to 7 FULL COMBO"),
            Field("ex_score", "the score"),
            Field("pgreat, great, good, bad, poor", "how many of each judgement"),
            Field("fast, slow, combo_break", "how many of each"),
            Field("gauge, ghost", "gauge and score over time"),
            Field("dead", "where the player failed, if so"),
            Field("option", "gauge, range, style, style_2p, assist; null for none"),
            Field("2dx-gsm", "the gauges that ran beside the chosen one, over time"),
            Field("custom, chart_sha256", "a chart that is named by its hash"),
            Field("highlight", "true marks the score as a highlight"),
        ),
        sample=SAMPLE,
    ),
    games=("iidx",),
    servers=("kamai",),
)
