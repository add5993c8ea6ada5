"""SOUND VOLTEX."""

from scores.games.formulas.tiers import TIER
from scores.games.formulas.timing import TIMING
from scores.games.formulas.volforce import (
    GRADES,
    PERFECT,
    PROFILE_RATINGS,
    RELATIONS,
    SCORE_RATINGS,
    SESSION_RATINGS,
    VF_CLASSES,
    grade,
)
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.charts import Chart
from scores.rules.classes import provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.javascript import compared, number_text, percent
from scores.rules.metrics import decimal, enum, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between

LAMPS = (
    "FAILED",
    "CLEAR",
    "EXCESSIVE CLEAR",
    "MAXXIVE CLEAR",
    "ULTIMATE CHAIN",
    "PERFECT ULTIMATE CHAIN",
)

DIFFICULTIES = ("NOV", "ADV", "EXH", "INF", "GRV", "HVN", "VVD", "XCD", "MXM", "ULT")

VERSIONS = {
    "booth": "BOOTH",
    "inf": "infinite infection",
    "gw": "GRAVITY WARS",
    "heaven": "HEAVENLY HAVEN",
    "vivid": "VIVID WAVE",
    "exceed": "EXCEED GEAR",
    "konaste": "Konaste",
}

DAN = provided(
    ("DAN_1", "LV.01", "1st Dan"),
    ("DAN_2", "LV.02", "2nd Dan"),
    ("DAN_3", "LV.03", "3rd Dan"),
    ("DAN_4", "LV.04", "4th Dan"),
    ("DAN_5", "LV.05", "5th Dan"),
    ("DAN_6", "LV.06", "6th Dan"),
    ("DAN_7", "LV.07", "7th Dan"),
    ("DAN_8", "LV.08", "8th Dan"),
    ("DAN_9", "LV.09", "9th Dan"),
    ("DAN_10", "LV.10", "10th Dan"),
    ("DAN_11", "LV.11", "11th Dan"),
    ("INF", "LV.INF", "Inf. Dan"),
    named_by_hover=True,
)


def ex_score_in_range(value: object, chart: Chart) -> Problem | None:
    """Not negative. Charts do not say how many notes they have: no maximum is known."""
    score = compared(value)
    if score < 0:
        return Problem(
            "ex-score-negative",
            f"EX Score must be non-negative. Got {number_text(score)}",
        )
    return None


SINGLE = Game(
    name="sdvx",
    playtype="Single",
    playtypes=("Single",),
    title="SOUND VOLTEX",
    display_name="SOUND VOLTEX",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "A+", *GRADES.names)},
    optional={
        **TIMING,
        "exScore": integer(
            "EX score (optional; also identifies the score).",
            ex_score_in_range,
            part_of_score_id=True,
        ),
        "gauge": decimal(
            "Gauge percentage left at the end.", between(0, 100), text=percent(2)
        ),
    },
    derivers={"grade": grade},
    relations=RELATIONS,
    judgements=("critical", "near", "miss"),
    grades=GRADES,
    difficulties=DIFFICULTIES,
    default_difficulty="EXH",
    versions=VERSIONS,
    match_types=("sdvxInGameID", "songTitle", "tachiSongID"),
    default_metric="score",
    default_enum="grade",
    score_ratings=SCORE_RATINGS,
    session_ratings=SESSION_RATINGS,
    profile_ratings=PROFILE_RATINGS,
    default_ratings=DefaultRatings(score="VF6", session="ProfileVF6", profile="VF6"),
    classes={"dan": DAN, "vfClass": VF_CLASSES},
    mergers=(
        Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),
        Merger("Best EX Score", "optional.exScore", copies=("optional.exScore",)),
    ),
    song_data=schema.document(displayVersion=schema.string()),
    chart_data=schema.document(
        inGameID=schema.integer(minimum=0), clearTier=TIER, pucTier=TIER, sTier=TIER
    ),
    preferences=schema.document(vf6Target=schema.number().or_null().or_absent()),
)

GAMES = (SINGLE,)
