"""beatmania IIDX, single and double play."""

from collections.abc import Callable

from scores.games.formulas.bpi import bpi
from scores.games.formulas.ex_score import (
    DERIVED,
    DERIVERS,
    GRADES,
    score_in_range,
    score_is_its_judgements,
)
from scores.games.formulas.tiers import TIER, tier_value
from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.charts import Chart, Song
from scores.rules.classes import provided
from scores.rules.display import GameNames, shorthand, titled
from scores.rules.game import DefaultRatings, Game
from scores.rules.javascript import number_text, percent
from scores.rules.metrics import decimal, enum, integer, nullable_graph
from scores.rules.ranges import POSITIVE, between
from scores.rules.ratings import ScoreRating, SessionRating, mean_of_best
from scores.rules.score_data import ScoreData, number, number_or_none

LAMPS = (
    "NO PLAY",
    "FAILED",
    "ASSIST CLEAR",
    "EASY CLEAR",
    "CLEAR",
    "HARD CLEAR",
    "EX HARD CLEAR",
    "FULL COMBO",
)

DIFFICULTIES = {
    "NORMAL": "N",
    "HYPER": "H",
    "ANOTHER": "A",
    "LEGGENDARIA": "L",
    "All Scratch NORMAL": "N (Scr.)",
    "All Scratch HYPER": "H (Scr.)",
    "All Scratch ANOTHER": "A (Scr.)",
    "All Scratch LEGGENDARIA": "L (Scr.)",
    "Kichiku NORMAL": "N (Kc.)",
    "Kichiku HYPER": "H (Kc.)",
    "Kichiku ANOTHER": "A (Kc.)",
    "Kichiku LEGGENDARIA": "L (Kc.)",
    "Kiraku NORMAL": "N (Kr.)",
    "Kiraku HYPER": "H (Kr.)",
    "Kiraku ANOTHER": "A (Kr.)",
    "Kiraku LEGGENDARIA": "L (Kr.)",
}

VERSIONS = {
    "20": "tricoro",
    "21": "SPADA",
    "22": "PENDUAL",
    "23": "copula",
    "24": "SINOBUZ",
    "25": "CANNON BALLERS",
    "26": "ROOTAGE",
    "27": "HEROIC VERSE",
    "28": "BISTROVER",
    "29": "CastHour",
    "30": "Resident",
    "31": "Epolis",
    "32": "Pinky Crush",
    "33": "Sparkle Shower",
    "3-cs": "3rd Style CS",
    "4-cs": "4th Style CS",
    "5-cs": "5th Style CS",
    "6-cs": "6th Style CS",
    "7-cs": "7th Style CS",
    "8-cs": "8th Style CS",
    "9-cs": "9th Style CS",
    "10-cs": "10th Style CS",
    "11-cs": "IIDX RED CS",
    "12-cs": "HAPPY SKY CS",
    "13-cs": "DISTORTED CS",
    "14-cs": "GOLD CS",
    "15-cs": "DJ TROOPERS CS",
    "16-cs": "EMPRESS CS",
    "26-omni": "ROOTAGE Omnimix",
    "27-omni": "HEROIC VERSE Omnimix",
    "28-omni": "BISTROVER Omnimix",
    "29-omni": "CastHour Omnimix",
    "30-omni": "Resident Omnimix",
    "31-omni": "Epolis Omnimix",
    "32-omni": "Pinky Crush Omnimix",
    "27-2dxtra": "HEROIC VERSE 2dxtra",
    "28-2dxtra": "BISTROVER 2dxtra",
    "30-2dxtra": "RESIDENT 2dxtra",
    "31-2dxtra": "Epolis 2dxtra",
    "bmus": "BEATMANIA US",
    "inf": "INFINITAS",
}

DAN = provided(
    ("KYU_7", "七級", "7th Kyu"),
    ("KYU_6", "六級", "6th Kyu"),
    ("KYU_5", "五級", "5th Kyu"),
    ("KYU_4", "四級", "4th Kyu"),
    ("KYU_3", "三級", "3rd Kyu"),
    ("KYU_2", "二級", "2nd Kyu"),
    ("KYU_1", "一級", "1st Kyu"),
    ("DAN_1", "初段", "1st Dan"),
    ("DAN_2", "二段", "2nd Dan"),
    ("DAN_3", "三段", "3rd Dan"),
    ("DAN_4", "四段", "4th Dan"),
    ("DAN_5", "五段", "5th Dan"),
    ("DAN_6", "六段", "6th Dan"),
    ("DAN_7", "七段", "7th Dan"),
    ("DAN_8", "八段", "8th Dan"),
    ("DAN_9", "九段", "9th Dan"),
    ("DAN_10", "十段", "10th Dan"),
    ("CHUUDEN", "中伝", "Chuuden"),
    ("KAIDEN", "皆伝", "Kaiden"),
    named_by_hover=True,
)

PERCENT = between(0, 100)

OPTIONAL = {
    **TIMING,
    "bp": integer("Bads plus poors.", POSITIVE, text=number_text),
    "gauge": decimal("Gauge percentage left at the end.", PERCENT, text=percent(2)),
    "comboBreak": integer("Number of combo breaks.", POSITIVE),
    "gaugeHistory": nullable_graph(
        "Gauge percentage over time; null/absent after death.", PERCENT
    ),
    "scoreHistory": nullable_graph("Ghost/score over time.", PERCENT),
    "gsmEasy": nullable_graph("Easy gauge history (gauge-shift data).", PERCENT),
    "gsmNormal": nullable_graph("Normal gauge history (gauge-shift data).", PERCENT),
    "gsmHard": nullable_graph("Hard gauge history (gauge-shift data).", PERCENT),
    "gsmEXHard": nullable_graph("EX-hard gauge history (gauge-shift data).", PERCENT),
}

CHART_DATA = {
    "notecount": schema.integer(minimum=0),
    "inGameID": schema.either(schema.array(schema.integer()), schema.integer()),
    "hashSHA256": schema.string().or_null(),
    "2dxtraSet": schema.string().or_null(),
    "kaidenAverage": schema.integer(above=0).or_null(),
    "worldRecord": schema.integer(above=0).or_null(),
    "bpiCoefficient": schema.number(above=0).or_null(),
}

RANDOM = schema.one_of("NONRAN", "MIRROR", "R-RANDOM", "RANDOM", "S-RANDOM")


def score_meta(random: schema.Schema) -> schema.Schema:
    """The options a score was played with; double play has two randoms."""
    assists = ("AUTO SCRATCH", "LEGACY NOTE", "NO ASSIST", "FULL ASSIST")
    ranges = ("NONE", "HIDDEN+", "SUDDEN+", "LIFT", "LIFT SUD+", "SUD+ HID+")
    gauges = ("ASSISTED EASY", "EASY", "NORMAL", "HARD", "EX-HARD")
    return schema.document(
        random=random.or_absent(),
        assist=schema.one_of(*assists).or_absent(),
        range=schema.one_of(*ranges).or_absent(),
        gauge=schema.one_of(*gauges).or_absent(),
    )


def single_lamp_rating(score_data: ScoreData, chart: Chart) -> float:
    """The tier of the chart for the lamp; a better lamp is never worth less.

    Normal, hard and EX-hard clears have a list each. The level stands in for the normal
    list, the lower list for a missing higher one. An easy clear is worth nothing.
    """
    lamp, normal = score_data.get("lamp"), tier_value(chart, "ncTier")
    normal = chart.level_num if normal is None else normal
    hard = max(tier_value(chart, "hcTier") or 0, normal)
    if lamp in ("FULL COMBO", "EX HARD CLEAR"):
        return max(tier_value(chart, "exhcTier") or 0, hard)
    if lamp == "HARD CLEAR":
        return hard
    return normal if lamp == "CLEAR" else 0


def double_lamp_rating(score_data: ScoreData, chart: Chart) -> float:
    """The chart's one tier, else its level, for an easy clear and all better lamps."""
    if score_data.get("lamp") in ("NO PLAY", "FAILED", "ASSIST CLEAR"):
        return 0
    tier = tier_value(chart, "dpTier")
    return chart.level_num if tier is None else tier


def beat_performance_index(score_data: ScoreData, chart: Chart) -> float | None:
    """None for a chart without a kaiden average or a world record; else as `bpi`."""
    kaiden = number_or_none(chart.data, "kaidenAverage")
    record = number_or_none(chart.data, "worldRecord")
    if kaiden is None or record is None:
        return None
    maximum = 2 * number(chart.data, "notecount")
    power = number_or_none(chart.data, "bpiCoefficient")
    return bpi(number(score_data, "score"), kaiden, record, maximum, power)


def chart_text(game: GameNames, song: Song, chart: Chart, short: bool = False) -> str:
    """ "Title (SP ANOTHER 12)" or "Title (SPA 12)"."""
    between_ = "" if short else " "
    difficulty = shorthand(game, chart) if short else chart.difficulty
    return titled(song, chart, f"{game.playtype}{between_}{difficulty} {chart.level}")


def _playtype(
    playtype: str,
    lamp_rating: Callable[[ScoreData, Chart], float],
    tiers: dict[str, schema.Schema],
    random: schema.Schema,
) -> Game:
    return Game(
        name="iidx",
        playtype=playtype,
        playtypes=("SP", "DP"),
        title="beatmania IIDX",
        display_name=f"beatmania IIDX ({playtype})",
        provided={
            "score": integer("Score value.", score_in_range, text=number_text),
            "lamp": enum("Clear type.", "EASY CLEAR", *LAMPS),
        },
        derived=DERIVED,
        optional=OPTIONAL,
        derivers=DERIVERS,
        relations=(score_is_its_judgements,),
        judgements=("pgreat", "great", "good", "bad", "poor"),
        grades=GRADES,
        difficulties=tuple(DIFFICULTIES),
        difficulty_shorthand=DIFFICULTIES,
        default_difficulty="ANOTHER",
        versions=VERSIONS,
        match_types=("inGameID", "tachiSongID", "songTitle"),
        default_metric="percent",
        default_enum="lamp",
        score_ratings={
            "ktLampRating": ScoreRating(
                "Values the clear lamp on the chart, using the community tier list "
                "where the chart has one and the in-game level otherwise.",
                lamp_rating,
            ),
            "BPI": ScoreRating(
                "Beat Performance Index: 0 = kaiden average, 100 = recorded world "
                "record. Intended for level 11 and 12 charts that carry kaiden data.",
                beat_performance_index,
            ),
        },
        session_ratings={
            "ktLampRating": SessionRating(
                "Mean of the session's 10 highest ktLampRatings.", "ktLampRating"
            ),
            "BPI": SessionRating("Mean of the session's 10 highest BPIs.", "BPI"),
        },
        profile_ratings={
            "ktLampRating": mean_of_best(
                "Mean over 20 of the 20 highest ktLampRatings.", "ktLampRating", 20
            ),
            "BPI": mean_of_best(
                "Mean of the 20 highest BPIs (absent below 20).",
                "BPI",
                20,
                needs_all=True,
            ),
        },
        default_ratings=DefaultRatings("ktLampRating", "ktLampRating", "ktLampRating"),
        classes={"dan": DAN},
        mergers=(
            Merger(
                "Best Lamp",
                "enumIndexes.lamp",
                copies=(
                    "lamp",
                    "optional.gsmEasy",
                    "optional.gsmNormal",
                    "optional.gsmHard",
                    "optional.gsmEXHard",
                    "optional.gauge",
                    "optional.gaugeHistory",
                    "optional.comboBreak",
                ),
            ),
            Merger("Lowest BP", "optional.bp", copies=("optional.bp",), smallest=True),
        ),
        chart_text=chart_text,
        song_data=schema.document(
            genre=schema.string(), displayVersion=schema.string().or_null()
        ),
        chart_data=schema.document({**CHART_DATA, **tiers}),
        score_meta=score_meta(random),
        preferences=schema.document(
            display2DXTra=schema.boolean().or_null().or_absent(),
            bpiTarget=schema.number(minimum=-15, maximum=100).or_null().or_absent(),
        ),
    )


SP = _playtype(
    "SP",
    single_lamp_rating,
    {"ncTier": TIER, "hcTier": TIER, "exhcTier": TIER},
    RANDOM,
)
DP = _playtype(
    "DP", double_lamp_rating, {"dpTier": TIER}, schema.tuple_of(RANDOM, RANDOM)
)

GAMES = (SP, DP)
