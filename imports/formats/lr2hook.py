"""`ir/lr2hook`: a play of Lunatic Rave 2, by a hook in its process.

LR2 names a chart by its MD5 and sends nothing else of it, so an unknown one waits for
its seeds. A course has the MD5s of its four charts, one after the other.
"""

from collections.abc import Iterable, Sequence
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
from imports.formats.hook_body import require
from imports.formats.json_text import read
from imports.formats.refusals import Wrong
from imports.matching.hashes import charts_by_hash
from scores.models import Chart
from tachi.schema import Document, integer, one_of, string, that

IMPORT_TYPE = "ir/lr2hook"
SERVICE = "LR2Hook"
FOREWORD = "Invalid LR2Hook Import"
MOST_MD5 = 200  # UTF-16 code units; four MD5s of a course have 128
SAMPLES = 1000  # of a graph
COUNT = integer(minimum=0)
PERCENT = integer(0, 100)

RANDOM = {"NORAN": "NONRAN", "MIRROR": "MIRROR", "RAN": "RANDOM", "S-RAN": "S-RANDOM"}
GAUGES = {
    "GROOVE": "NORMAL",
    "P-ATTACK": "NORMAL",
    "EASY": "EASY",
    "HARD": "HARD",
    "HAZARD": "HARD",
    "G-ATTACK": "HARD",
}
LAMPS = {
    "NO PLAY": "NO PLAY",
    "FAIL": "FAILED",
    "EASY": "EASY CLEAR",
    "NORMAL": "CLEAR",
    "HARD": "HARD CLEAR",
    "FULL COMBO": "FULL COMBO",
}
JUDGEMENTS = ("pgreat", "great", "good", "bad", "poor")
#: Extended judgements that are optional metrics, under the same names.
EXTENDED = (
    *("epg", "lpg", "egr", "lgr", "egd", "lgd", "ebd", "lbd", "epr", "lpr"),
    *("fast", "slow"),
)
#: Extended graphs that are optional metrics; the others are of gauges we do not have.
GRAPHS = {
    "easy": "gaugeHistoryEasy",
    "groove": "gaugeHistoryGroove",
    "hard": "gaugeHistoryHard",
}
GRAPH = that(
    lambda value: (
        isinstance(value, list)
        and len(value) == SAMPLES
        and all(map(PERCENT.accepts, value))
    ),
    f"Expected exactly {SAMPLES} integers between 0 and 100.",
    {
        "type": "array",
        "items": PERCENT.json_schema(),
        "minItems": SAMPLES,
        "maxItems": SAMPLES,
    },
)
PLAYER_DATA = Document(
    {"autoScr": one_of(0), "random": one_of(*RANDOM), "gauge": one_of(*GAUGES)}
    | {"rseed": integer(0, 0x7FFE).or_absent()},
    open=True,
)
EXTENDED_JUDGEMENTS = Document(
    dict.fromkeys((*EXTENDED, "cb", "notesPlayed"), COUNT), open=True
)
EXTENDED_GRAPHS = Document(
    dict.fromkeys((*GRAPHS, "hazard", "pattack", "gattack"), GRAPH), open=True
)
SCORE_DATA = Document(
    {
        **dict.fromkeys((*JUDGEMENTS, "maxCombo", "exScore", "moneyScore"), COUNT),
        **dict.fromkeys(("notesTotal", "notesPlayed"), COUNT),
        "lamp": one_of(*LAMPS),
        "hpGraph": GRAPH,
        "extendedJudgements": EXTENDED_JUDGEMENTS.or_null().or_absent(),
        "extendedHpGraphs": EXTENDED_GRAPHS.or_null().or_absent(),
    },
    open=True,
)
BODY = Document(
    {
        "md5": string(most=MOST_MD5),
        "playerData": PLAYER_DATA,
        "scoreData": SCORE_DATA,
        "unixTimestamp": integer(minimum=0).or_absent(),
    },
    open=True,
)


def parse(sent: Input) -> Parsed:
    """The play in a request's body. Raises ImportRefused.

    Of it only what is checked is kept: senders have further keys, of any size.
    """
    entry = checked(*read(sent.payload)) | {"timeReceived": sent.received_at}
    return Parsed("bms", [entry], {}, SERVICE, {})


def checked(body: Any, repeated: Iterable[Wrong] = ()) -> dict[str, Any]:
    """What is meant of a body, of a chart or of a course. Raises ImportRefused."""
    require(BODY, body, repeated, FOREWORD)
    return _kept(BODY, body)


def was_played_to_its_end(entry: dict[str, Any]) -> bool:
    """Whether nothing of a chart, or of a course, was left when it ended."""
    score = entry["scoreData"]
    return bool(score["notesPlayed"] == score["notesTotal"])


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play; a SHA-256 is understood as well as an MD5."""
    found = charts_by_hash(
        "bms", ["hashMD5", "hashSHA256"], (entry["md5"] for entry in entries)
    )
    return [
        _draft(position, entry, found[entry["md5"]][0])
        if entry["md5"] in found
        else Failure(
            position,
            FailureType.NOT_FOUND,
            f"Cannot find chart for hash {entry['md5']}.",
            entry,
        )
        for position, entry in enumerate(entries)
    ]


def _kept(check: Document, value: dict[str, Any]) -> dict[str, Any]:
    """What a document's fields are of a right value, at any depth."""
    kept = {}
    for name, field in check.fields.items():
        if name in value:
            inner = value[name]
            if isinstance(field, Document) and inner is not None:
                inner = _kept(field, inner)
            kept[name] = inner
    return kept


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    player, score = entry["playerData"], entry["scoreData"]
    random = None if chart.playtype == "14K" else RANDOM[player["random"]]
    seconds = entry.get("unixTimestamp")
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=(
            entry["timeReceived"] if seconds is None else int(seconds) * 1000
        ),
        score_data={
            "score": score["exScore"],
            "lamp": LAMPS[score["lamp"]],
            "judgements": {name: score[name] for name in JUDGEMENTS},
            "optional": _optional(score),
        },
        score_meta={
            "gauge": GAUGES[player["gauge"]],
            "random": random,
            "client": "LR2",
        },
    )


def _optional(score: dict[str, Any]) -> dict[str, Any]:
    extended = score.get("extendedJudgements")
    graphs = score.get("extendedHpGraphs") or {}
    played = extended["notesPlayed"] if extended else score["notesPlayed"]
    missed = score["notesTotal"] - played
    # Without extended judgements, how many poors are notes that were never played is
    # not known where it ended early.
    known = extended is not None or missed == 0
    return {
        "bp": score["bad"] + score["poor"] + missed if known else None,
        "maxCombo": score["maxCombo"],
        "gauge": score["hpGraph"][-1],
        "gaugeHistory": score["hpGraph"],
        **({name: extended[name] for name in EXTENDED} if extended else {}),
        **{metric: graphs[name] for name, metric in GRAPHS.items() if name in graphs},
    }


ABOUT = About(
    title="LR2Hook",
    text="One play of Lunatic Rave 2, as a hook in its process sends it.",
    origin="BokutachiHook, and BokutachiIR of OpenLR2, to `POST /ir/lr2hook/import`."
    " The sample shows two of the 1,000 numbers of hpGraph.",
    fields=(
        Field("md5", "the chart's MD5"),
        Field("playerData.autoScr", "0: automatic scratch is not ranked"),
        Field("playerData.random", "NORAN, MIRROR, RAN or S-RAN"),
        Field("playerData.gauge", "GROOVE, HARD, HAZARD, EASY, P-ATTACK or G-ATTACK"),
        Field("scoreData.exScore", "the EX score"),
        Field("scoreData.lamp", "NO PLAY, FAIL, EASY, NORMAL, HARD or FULL COMBO"),
        Field("scoreData.pgreat, great, good, bad, poor", "judgements"),
        Field("scoreData.maxCombo, notesTotal, notesPlayed", "counts"),
        Field("scoreData.hpGraph", "the gauge, 1,000 times from begin to end"),
        Field("scoreData.extendedJudgements", "early and late, or null"),
        Field("scoreData.extendedHpGraphs", "the other gauges, or null"),
        Field("unixTimestamp", "when it was played, in seconds; else now"),
    ),
    sample="""{
  "md5": "38616b85332037cc12924f2ae2840262",
  "playerData": {"autoScr": 0, "gameMode": "7K", "random": "RAN", "gauge": "GROOVE"},
  "scoreData": {
    "pgreat": 500, "great": 300, "good": 50, "bad": 10, "poor": 5,
    "exScore": 1300, "maxCombo": 100, "moneyScore": 150000,
    "notesTotal": 2256, "notesPlayed": 2256, "lamp": "NORMAL",
    "hpGraph": [20, 20, "… and 998 more"],
    "extendedJudgements": null, "extendedHpGraphs": null
  },
  "unixTimestamp": 1735689600
}
""",
)
FORMAT = Format(
    IMPORT_TYPE,
    or_declared(parse, SERVICE),
    convert,
    about=ABOUT,
    games=("bms",),
    servers=("boku",),
)
