"""`ir/usc`: a play of unnamed-sdvx-clone, by the USC-IR protocol.

The playtype is in the address, so it comes as a parameter. An orphan keeps everything
in its entry, so that those of many imports are matched together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from imports.formats.hook_body import require
from imports.formats.json_text import read
from imports.matching.hashes import charts_by_hash
from scores.games import PLAYTYPES
from scores.models import Chart
from tachi.schema import Document, boolean, integer, number, one_of, string

IMPORT_TYPE = "ir/usc"
SERVICE = "USC-IR"
FOREWORD = "Invalid USC Import"
PERFECT = 10_000_000
CLEAR_FROM = 0.7  # of the normal gauge
#: Milliseconds. Only plays with these windows are ranked.
WINDOWS = {"perfect": 46, "good": 150, "hold": 150, "miss": 300, "slam": 84}
MOST_HASH, MOST_TEXT = 200, 1_000  # UTF-16 code units
COUNT = integer(minimum=0)

#: `gaugeType` → the gauge that is stored, and the lamp with something left of it. The
#: original knows no clear on a permissive gauge. A blastive one (3) is as hard to keep
#: as the player chose, so it is not more than a clear, and has no word in the meta.
NORMAL = 0
GAUGES = {
    NORMAL: ("NORMAL", "CLEAR"),
    1: ("HARD", "EXCESSIVE CLEAR"),
    2: ("PERMISSIVE", "FAILED"),
    3: (None, "CLEAR"),
}
#: (mirror, random) → the mod.
NOTE_MODS = {
    (True, True): "MIR-RAN",
    (True, False): "MIRROR",
    (False, True): "RANDOM",
    (False, False): "NORMAL",
}
OPTIONS = Document(
    {
        "gaugeType": one_of(*GAUGES),
        "mirror": boolean(),
        "random": boolean(),
        "autoFlags": integer(),
    },
    open=True,
)
CHART = Document(
    {
        "chartHash": string(most=MOST_HASH),
        **dict.fromkeys(("artist", "title", "effector"), string(most=MOST_TEXT)),
        **dict.fromkeys(("illustrator", "bpm"), string(most=MOST_TEXT)),
        "level": integer(1, 20),
        "difficulty": integer(0, 3),
    },
    open=True,
)
SCORE = Document(
    {
        "score": integer(0, PERFECT),
        "gauge": number(0, 1),
        **dict.fromkeys(("timestamp", "crit", "near", "error"), COUNT),
        **dict.fromkeys(("early", "late", "combo"), COUNT.or_absent()),
        "options": OPTIONS,
        "windows": Document(dict.fromkeys(WINDOWS, number(0)), open=True),
    },
    open=True,
)
BODY = Document({"chart": CHART, "score": SCORE}, open=True)
#: Where a metric is what the client sends under another name.
JUDGEMENTS = {"critical": "crit", "near": "near", "miss": "error"}
OPTIONAL = {"fast": "early", "slow": "late", "maxCombo": "combo"}


def parse(sent: Input) -> Parsed:
    """The play in a request's body. Raises ImportRefused."""
    playtype = sent.parameters.get("playtype")
    if playtype not in PLAYTYPES["usc"]:
        raise ImportRefused(
            f"Invalid playtype - expected any of {', '.join(PLAYTYPES['usc'])}."
        )
    body, repeated = read(sent.payload)
    require(BODY, body, repeated, FOREWORD)
    score = body["score"]
    entry = {
        "chartHash": body["chart"]["chartHash"],
        "playtype": playtype,
        "timeReceived": sent.received_at,
        **{name: score.get(name) for name in ("score", "gauge")},
        **{name: score.get(name) for name in JUDGEMENTS.values()},
        **{name: score.get(name) for name in OPTIONAL.values()},
        "options": {name: score["options"][name] for name in OPTIONS.fields},
        "windows": {name: score["windows"][name] for name in WINDOWS},
    }
    return Parsed("usc", [entry], {}, SERVICE, {})


def as_playtype(sent: Input, playtype: str) -> Input:
    """The play, had it been sent to the other address."""
    return replace(sent, parameters=sent.parameters | {"playtype": playtype})


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play."""
    found = charts_by_hash(
        "usc", ["hashSHA1"], (entry["chartHash"] for entry in entries)
    )
    outcomes = []
    for position, entry in enumerate(entries):
        charts = found.get(entry["chartHash"], ())
        chart = next(
            (each for each in charts if each.playtype == entry["playtype"]), None
        )
        outcomes.append(_outcome(position, entry, chart))
    return outcomes


def _outcome(
    position: int, entry: dict[str, Any], chart: Chart | None
) -> Draft | Failure:
    if entry["windows"] != WINDOWS:
        return _failure(
            position,
            f"The hit windows were changed: expected {_shown(WINDOWS)}, and they are"
            f" {_shown(entry['windows'])}.",
        )
    if entry["options"]["autoFlags"]:
        flags = entry["options"]["autoFlags"]
        return _failure(position, f"Autoplay was on (autoFlags {flags}, not 0).")
    if chart is None:
        message = f"Cannot find chart for hash {entry['chartHash']}."
        return Failure(position, FailureType.NOT_FOUND, message, entry)
    return _draft(position, entry, chart)


def _shown(windows: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in windows.items())


def _failure(position: int, message: str) -> Failure:
    return Failure(position, FailureType.INVALID, message, None)


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    options = entry["options"]
    gauge = as_written(entry["gauge"])
    score_meta = {"noteMod": NOTE_MODS[options["mirror"], options["random"]]}
    gauge_mod, _ = GAUGES[options["gaugeType"]]
    if gauge_mod:
        score_meta["gaugeMod"] = gauge_mod
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=entry["timeReceived"],
        score_data={
            "score": entry["score"],
            "lamp": _lamp(entry, gauge),
            "judgements": {name: entry[of] for name, of in JUDGEMENTS.items()},
            "optional": {
                # In percent, as the metric is everywhere else; not in a hundredth.
                "gauge": as_written(gauge * 100),
                **{name: entry[of] for name, of in OPTIONAL.items()},
            },
        },
        score_meta=score_meta,
    )


def as_written(value: float) -> float:
    """The decimal that a client in C++ meant, of whose 32-bit number this is printed:
    0.7 for 0.699999988. Such a number holds seven digits.
    """
    return float(f"{value:.7g}")


def _lamp(entry: dict[str, Any], gauge: float) -> str:
    if entry["score"] == PERFECT:
        return "PERFECT ULTIMATE CHAIN"
    if entry["error"] == 0:
        return "ULTIMATE CHAIN"
    kind = entry["options"]["gaugeType"]
    cleared = gauge >= CLEAR_FROM if kind == NORMAL else gauge > 0
    return GAUGES[kind][1] if cleared else "FAILED"


ABOUT = About(
    title="USC",
    asked=(Field("playtype", "`Controller` or `Keyboard`"),),
    text="One play of unnamed-sdvx-clone, as the game sends it after each song. Hit"
    " windows other than the usual ones, and autoplay, are not ranked.",
    origin="unnamed-sdvx-clone, whose IR address is `/ir/usc/Controller` or"
    " `/ir/usc/Keyboard`, to `POST …/scores`.",
    fields=(
        Field("chart.chartHash", "the chart's SHA-1"),
        Field("chart.title, artist, effector, …", "of the chart; not used"),
        Field("score.score", "0 to 10,000,000"),
        Field("score.gauge", "what was left of the gauge, 0 to 1"),
        Field("score.crit, near, error", "judgements"),
        Field("score.early, late, combo", "by newer clients"),
        Field("score.options.gaugeType", "0 normal, 1 hard, 2 permissive, 3 blastive"),
        Field("score.options.mirror, random", "the mods"),
        Field("score.options.autoFlags", "0: nothing was played automatically"),
        Field("score.windows", "the hit windows, in milliseconds"),
    ),
    sample="""{
  "chart": {
    "chartHash": "0123456789abcdef0123456789abcdef01234567",
    "title": "A title", "artist": "Somebody", "effector": "Somebody",
    "illustrator": "Somebody", "bpm": "180", "level": 15, "difficulty": 2
  },
  "score": {
    "score": 9000000, "gauge": 0.8, "timestamp": 1735689600,
    "crit": 100, "near": 50, "error": 5, "early": 30, "late": 20, "combo": 60,
    "options": {"gaugeType": 0, "mirror": false, "random": false, "autoFlags": 0},
    "windows": {"perfect": 46, "good": 150, "hold": 150, "miss": 300, "slam": 84}
  }
}
""",
)
FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=ABOUT,
    games=("usc",),
    servers=("boku",),
    as_playtype=as_playtype,
)
