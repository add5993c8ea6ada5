"""`ir/beatoraja`: a play of LR2oraja (BMS) or beatoraja (PMS), by its plug-in.

An orphan keeps everything in its entry, so that those of many imports are matched
together.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from imports.failures import FailureType
from imports.formats import instead
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
from imports.formats.beatoraja_charts import told_of
from imports.formats.declared import or_declared
from imports.formats.hook_body import require_parts
from imports.formats.json_text import read
from imports.matching.hashes import charts_by_hash
from scores.models import Chart
from scores.seeds.identifiers import as_hash
from tachi.schema import (
    Document,
    boolean,
    either,
    integer,
    number,
    one_of,
    string,
    that,
)
from tachi.schema.javascript import beginning

IMPORT_TYPE = "ir/beatoraja"
SERVICE = "Beatoraja IR"
MOST_TEXT = 500  # UTF-16 code units; of a title, and of whatever else becomes a song
SHA256_DIGITS = re.compile("[0-9a-fA-F]{64}")
COUNT = integer(minimum=0)
UNKNOWN = one_of(-1)

#: The mode of a chart → its game, the client it is played in, and the playtype; for
#: PMS that is told by the device.
MODES = {
    "BEAT_7K": ("bms", "LR2oraja", "7K"),
    "BEAT_14K": ("bms", "LR2oraja", "14K"),
    "POPN_9K": ("pms", "beatoraja", None),
}
PMS_PLAYTYPES = {"BM_CONTROLLER": "Controller", "KEYBOARD": "Keyboard"}
PMS_DEVICES = {playtype: device for device, playtype in PMS_PLAYTYPES.items()}
LAMPS = {
    "NoPlay": "NO PLAY",
    "Failed": "FAILED",
    "AssistEasy": "ASSIST CLEAR",
    "LightAssistEasy": "ASSIST CLEAR",
    "Easy": "EASY CLEAR",
    "Normal": "CLEAR",
    "Hard": "HARD CLEAR",
    "ExHard": "EX HARD CLEAR",
    "FullCombo": "FULL COMBO",
    "Perfect": "FULL COMBO",
    "Max": "FULL COMBO",
}
#: `option`, which is that of the left side: for 14 keys it says too little.
RANDOM = {0: "NONRAN", 1: "MIRROR", 2: "RANDOM", 3: "R-RANDOM", 4: "S-RANDOM"}
#: `gauge` is the kind of gauge (−1: not known), by beatoraja's numbers. Assisted easy
#: counts as easy, hazard as hard, as LR2Hook has it; 6 to 8 are those of courses.
GAUGES = {0: "EASY", 1: "EASY", 2: "NORMAL", 3: "HARD", 4: "EX-HARD", 5: "HARD"}
JUDGEMENTS = {
    "pgreat": ("epg", "lpg"),
    "great": ("egr", "lgr"),
    "good": ("egd", "lgd"),
    "bad": ("ebd", "lbd"),
    "poor": ("epr", "lpr", "ems", "lms"),
}
#: Optional metrics as sums; goods are in neither `fast` nor `slow`, as in the original.
SUMS = {
    **{name: (name,) for name in ("epg", "egr", "egd", "ebd")},
    **{name: (name,) for name in ("lpg", "lgr", "lgd", "lbd")},
    "epr": ("epr", "ems"),
    "lpr": ("lpr", "lms"),
    "fast": ("ebd", "egr", "epr", "ems"),
    "slow": ("lbd", "lgr", "lpr", "lms"),
}
SHA256 = that(
    lambda value: isinstance(value, str) and SHA256_DIGITS.fullmatch(value) is not None,
    "Expected a SHA-256 of 64 hexadecimal digits.",
    {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
)
SCORE = Document(
    {
        "sha256": SHA256,
        "exscore": COUNT,
        "passnotes": COUNT,
        "maxcombo": COUNT,
        **dict.fromkeys(("epg", "egr", "egd", "ebd", "epr", "ems"), COUNT),
        **dict.fromkeys(("lpg", "lgr", "lgd", "lbd", "lpr", "lms"), COUNT),
        "gauge": either(UNKNOWN, number(0, 100)),
        "minbp": either(UNKNOWN, COUNT),
        "deviceType": one_of("BM_CONTROLLER", "KEYBOARD", "MIDI"),
        "option": integer(),
        "lntype": one_of(0, 1),
        "assist": one_of(0),
        "clear": one_of(*LAMPS),
    },
    open=True,
)
CHART = Document(
    {
        "md5": string(most=MOST_TEXT),
        "sha256": SHA256,
        **dict.fromkeys(("title", "subtitle", "genre"), string(most=MOST_TEXT)),
        **dict.fromkeys(("artist", "subartist"), string(most=MOST_TEXT)),
        "total": number(0),
        "judge": number(0),
        "lntype": one_of(-1, 0, 1, 2),
        "mode": one_of(*MODES),
        "notes": COUNT,
        "hasUndefinedLN": boolean(),
        "hasRandom": boolean(),
    },
    open=True,
)
FOREWORD = "Invalid Beatoraja Import"
PARTS = {"score": SCORE, "chart": CHART}


def parse(sent: Input) -> Parsed:
    """The play in a request's body. Raises ImportRefused.

    Of it only what is checked is kept: senders have further keys, of any size.
    """
    body, repeated = read(sent.payload)
    if not isinstance(body, dict):
        raise ImportRefused(f"{FOREWORD} - expected an object.")
    require_parts(PARTS, body, repeated, FOREWORD)
    entry: dict[str, Any] = {"timeReceived": sent.received_at}
    for name, check in PARTS.items():
        kept = {key: body[name][key] for key in check.fields}
        entry[name] = kept | {"sha256": as_hash(kept["sha256"])}
    game, client, _ = MODES[entry["chart"]["mode"]]
    if playtype := instead.playtype_of(sent):
        entry["score"]["deviceType"] = PMS_DEVICES[playtype]
    if not str(body.get("client")).startswith(client):
        raise ImportRefused(
            f"Unsupported client: this chart has to be for {client}, and client is"
            f" {beginning(body.get('client'), 100)[:100]!r}."
        )
    return Parsed(game, [entry], {}, SERVICE, {})


def as_playtype(sent: Input, playtype: str) -> Input:
    """The play of PMS, had it been on the other device. Raises ImportRefused."""
    if playtype not in PMS_DEVICES:
        raise ImportRefused("A chart of BMS is itself for 7 keys or for 14.")
    return instead.of_playtype(sent, playtype)


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each play, of BMS or of PMS."""
    hashes: dict[str, list[str]] = {}
    for entry in entries:
        game = MODES[entry["chart"]["mode"]][0]
        hashes.setdefault(game, []).append(entry["score"]["sha256"])
    found = {
        game: charts_by_hash(game, ["hashSHA256"], theirs)
        for game, theirs in hashes.items()
    }
    return [_outcome(at, entry, found) for at, entry in enumerate(entries)]


def _outcome(
    position: int, entry: dict[str, Any], found: Mapping[str, Any]
) -> Draft | Failure:
    chart, score = entry["chart"], entry["score"]
    game, client, playtype = MODES[chart["mode"]]
    if chart["lntype"] != 0:
        modes = "Only the LN mode (chart.lntype 0) is supported, not CN or HCN"
        return _invalid(position, f"{modes}: this is {chart['lntype']}.")
    if chart["hasRandom"]:
        return _invalid(
            position,
            "Charts with #RANDOM (chart.hasRandom) are not supported: they differ from"
            " play to play.",
        )
    if game == "pms":
        playtype = PMS_PLAYTYPES.get(score["deviceType"])
        if playtype is None:
            device = score["deviceType"]
            known = "BM_CONTROLLER or KEYBOARD"
            return _invalid(position, f"PMS is played on {known}, and not on {device}.")
    charts = found[game].get(score["sha256"], ())
    if game == "pms":
        charts = [each for each in charts if each.playtype == playtype]
    if charts:
        return _draft(position, entry, charts[0], client.lower())
    return Failure(
        position,
        FailureType.NOT_FOUND,
        f"Cannot find chart for hash {score['sha256']}.",
        entry,
        told_of(game, str(playtype), entry),
    )


def _draft(position: int, entry: dict[str, Any], chart: Chart, client: str) -> Draft:
    score = entry["score"]
    judgements = {name: _sum(score, of) for name, of in JUDGEMENTS.items()}
    if chart.game == "pms":
        judgements["cool"] = judgements.pop("pgreat")
    minbp = score["minbp"]
    score_meta = {
        "client": client,
        "inputDevice": score["deviceType"],
        "random": None if chart.playtype == "14K" else RANDOM.get(score["option"]),
    }
    if gauge := GAUGES.get(score["gauge"]):
        score_meta["gauge"] = gauge
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=entry["timeReceived"],
        score_data={
            "score": score["exscore"],
            "lamp": LAMPS[score["clear"]],
            "judgements": judgements,
            "optional": {
                "bp": None if minbp == -1 else minbp,
                **{name: _sum(score, of) for name, of in SUMS.items()},
            },
        },
        score_meta=score_meta,
    )


def _sum(score: dict[str, Any], names: Sequence[str]) -> float:
    return sum(score[name] for name in names)


def _invalid(position: int, message: str) -> Failure:
    return Failure(position, FailureType.INVALID, message, None)


ABOUT = About(
    title="beatoraja",
    text="One play, as LR2oraja (BMS) and beatoraja (PMS) send it after each song. A"
    " chart that nobody knows is made when enough players have played it.",
    origin="The Tachi IR plug-in of LR2oraja and beatoraja, to"
    " `POST /ir/beatoraja/submit-score`, with its version in `X-TachiIR-Version`.",
    fields=(
        Field("client", "`LR2oraja …` for BMS, `beatoraja …` for PMS"),
        Field("chart.sha256, md5", "what was played; of an MD5 all 32 characters"),
        Field("chart.mode", "BEAT_7K, BEAT_14K or POPN_9K"),
        Field("chart.title, subtitle, genre, artist, subartist", "for a new chart"),
        Field("chart.notes", "how many notes it has"),
        Field("chart.lntype, hasRandom", "0 and false; others are not ranked"),
        Field("score.exscore", "the EX score"),
        Field("score.clear", "the lamp: NoPlay, Failed, …, Max"),
        Field("score.epg … lms", "judgements, early and late"),
        Field("score.minbp", "bads and poors; −1 where not known"),
        Field("score.gauge", "the kind of gauge, 0 to 8; −1 where not known"),
        Field("score.option", "the random option, 0 to 4"),
        Field("score.deviceType", "BM_CONTROLLER, KEYBOARD or MIDI"),
    ),
    sample="""{
  "client": "LR2oraja 0.8.5",
  "chart": {
    "md5": "38616b85332037cc12924f2ae2840262",
    "sha256": "195fe1be5c3e74fccd04dc426e05f8a9cfa8a1059c339d0a23e99f63661f0b7d",
    "title": "gazer", "subtitle": "", "genre": "", "artist": "", "subartist": "",
    "total": 220, "judge": 100, "lntype": 0, "mode": "BEAT_7K", "notes": 2256,
    "hasUndefinedLN": false, "hasRandom": false
  },
  "score": {
    "sha256": "195fe1be5c3e74fccd04dc426e05f8a9cfa8a1059c339d0a23e99f63661f0b7d",
    "exscore": 1004, "passnotes": 2256, "maxcombo": 223, "clear": "Easy",
    "epg": 332, "lpg": 127, "egr": 65, "lgr": 21, "egd": 2, "lgd": 2,
    "ebd": 1, "lbd": 0, "epr": 7, "lpr": 11, "ems": 1, "lms": 0,
    "minbp": 20, "gauge": 2, "option": 2, "lntype": 0, "assist": 0,
    "deviceType": "BM_CONTROLLER"
  }
}
""",
)
FORMAT = Format(
    IMPORT_TYPE,
    or_declared(parse, SERVICE),
    convert,
    about=ABOUT,
    games=("bms", "pms"),
    servers=("boku",),
    as_playtype=as_playtype,
)
