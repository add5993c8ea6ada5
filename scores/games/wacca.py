"""WACCA."""

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived, provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import round_half_up
from scores.rules.metrics import enum, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import ScoreData, judged, number

PERFECT = 1_000_000

LAMPS = ("FAILED", "CLEAR", "MISSLESS", "FULL COMBO", "ALL MARVELOUS")

GRADES = Grades(
    (
        ("D", 0),
        ("C", 1),
        ("B", 300_100),
        ("A", 700_000),
        ("AA", 800_000),
        ("AAA", 850_000),
        ("S", 900_000),
        ("S+", 930_000),
        ("SS", 950_000),
        ("SS+", 970_000),
        ("SSS", 980_000),
        ("SSS+", 990_000),
        ("MASTER", PERFECT),
    )
)

#: From which score a play is worth how many times the level.
COEFFICIENTS = (
    (990_000, 4),
    (980_000, 3.75),
    (970_000, 3.5),
    (960_000, 3.25),
    (950_000, 3),
    (940_000, 2.75),
    (920_000, 2.5),
    (900_000, 2),
    (850_000, 1.5),
    (0, 1),
)

DIFFICULTIES = {"NORMAL": "NRM", "HARD": "HRD", "EXPERT": "EXP", "INFERNO": "INF"}

VERSIONS = {"reverse": "REVERSE", "plus": "PLUS"}

STAGES = (
    *("I", "II", "III", "IV", "V", "VI", "VII"),
    *("VIII", "IX", "X", "XI", "XII", "XIII", "XIV"),
)

STAGE_UP = provided(*((stage, stage, None) for stage in STAGES))

COLOUR = derived(
    "naiveRate",
    (
        ("ASH", 0, "Ash", None),
        ("NAVY", 300, "Navy", None),
        ("YELLOW", 600, "Yellow", None),
        ("RED", 1000, "Red", None),
        ("PURPLE", 1300, "Purple", None),
        ("BLUE", 1600, "Blue", None),
        ("SILVER", 1900, "Silver", None),
        ("GOLD", 2200, "Gold", None),
        ("RAINBOW", 2500, "Rainbow", None),
    ),
    minimum_relevant="RAINBOW",
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def rate(score_data: ScoreData, chart: Chart) -> float:
    """The coefficient of the score times the level, to three decimals.

    round(coefficient * level * 1000) / 1000, left to right. A failed play is worth
    something too. Raises Impossible outside 0 to 1,000,000 or for a negative level.
    """
    score, level = number_between(score_data, "score", 0, PERFECT), level_of(chart)
    coefficient = next(each for lowest, each in COEFFICIENTS if score >= lowest)
    return round_half_up(coefficient * level * 1000) / 1000


def all_marvelous_is_perfect(score_data: ScoreData, chart: Chart) -> Problem | None:
    """ALL MARVELOUS is 1,000,000 and nothing else is."""
    marvelous = score_data["lamp"] == "ALL MARVELOUS"
    perfect = score_data["score"] == PERFECT
    if marvelous and not perfect:
        return Problem(
            "am-requires-1m", "Cannot have an ALL MARVELOUS without a perfect score."
        )
    if perfect and not marvelous:
        return Problem(
            "1m-requires-am", "Cannot have a perfect score without an ALL MARVELOUS."
        )
    return None


def lamp_allows_misses(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No miss in a FULL COMBO; MISSLESS forgives five."""
    lamp, misses = score_data["lamp"], judged(score_data, "miss")
    if lamp == "FULL COMBO" and misses > 0:
        return Problem("fc-with-miss", "Cannot have a FULL COMBO with any misses.")
    if lamp == "MISSLESS" and misses > 5:
        return Problem(
            "missless-more-than-5-miss",
            "Cannot have a MISSLESS with more than 5 misses.",
        )
    return None


def all_is_marvelous(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A missing judgement counts nothing."""
    if score_data["lamp"] == "ALL MARVELOUS" and judged(
        score_data, "miss", "good", "great"
    ):
        return Problem(
            "am-with-other-judgements",
            "Cannot have an ALL MARVELOUS with any non-marvelous judgements.",
        )
    return None


SINGLE = Game(
    name="wacca",
    playtype="Single",
    playtypes=("Single",),
    title="WACCA",
    display_name="WACCA",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "S", *GRADES.names)},
    optional=TIMING,
    derivers={"grade": grade},
    relations=(all_marvelous_is_perfect, lamp_allows_misses, all_is_marvelous),
    judgements=("marvelous", "great", "good", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="EXPERT",
    versions=VERSIONS,
    match_types=("songTitle", "tachiSongID", "inGameID"),
    default_metric="score",
    default_enum="grade",
    score_ratings={"rate": ScoreRating("In-game rate of the play.", rate)},
    session_ratings={
        "rate": SessionRating("Mean of the session's 10 highest rates.", "rate")
    },
    profile_ratings={
        "naiveRate": sum_of_best(
            "Sum of the 50 highest rates; new/old split not modelled.", "rate", 50
        )
    },
    default_ratings=DefaultRatings(score="rate", session="rate", profile="naiveRate"),
    classes={"stageUp": STAGE_UP, "colour": COLOUR},
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    song_data=schema.document(
        genre=schema.string(), displayVersion=schema.string().or_null()
    ),
    chart_data=schema.document(inGameID=schema.integer(minimum=0)),
    score_meta=schema.document(mirror=schema.boolean().or_absent()),
)

GAMES = (SINGLE,)
