"""jubeat."""

from collections.abc import Sequence
from math import floor

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, percent, round_half_up, total
from scores.rules.metrics import broken, decimal, enum, graph, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between, whole_between
from scores.rules.ratings import (
    ProfileRating,
    RatedBest,
    ScoreRating,
    SessionRating,
    sum_of_best,
)
from scores.rules.score_data import ScoreData, judged, number, value_of

PERFECT = 1_000_000
CLEARED = 700_000

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "EXCELLENT")

GRADES = Grades(
    (
        ("E", 0),
        ("D", 500_000),
        ("C", CLEARED),
        ("B", 800_000),
        ("A", 850_000),
        ("S", 900_000),
        ("SS", 950_000),
        ("SSS", 980_000),
        ("EXC", PERFECT),
    )
)

DIFFICULTIES = {
    "BSC": "BSC",
    "ADV": "ADV",
    "EXT": "EXT",
    "HARD BSC": "H. BSC",
    "HARD ADV": "H. ADV",
    "HARD EXT": "H. EXT",
}
HARD = "HARD "

VERSIONS = {
    "jubeat": "jubeat",
    "ripples": "ripples",
    "knit": "knit",
    "copious": "copious",
    "saucer": "saucer",
    "prop": "prop",
    "qubell": "Qubell",
    "clan": "clan",
    "festo": "festo",
    "festo-omni": "festo Omnimix",
    "ave": "Ave.",
}

#: Its songs are the pick-up songs of a jubility.
CURRENT_VERSION = "ave"

COLOUR = derived(
    "jubility",
    (
        ("BLACK", 0, "Black", None),
        ("YELLOW_GREEN", 250, "Yellow-Green", None),
        ("GREEN", 750, "Green", None),
        ("LIGHT_BLUE", 1500, "Light Blue", None),
        ("BLUE", 2500, "Blue", None),
        ("VIOLET", 4000, "Violet", None),
        ("PURPLE", 5500, "Purple", None),
        ("PINK", 7000, "Pink", None),
        ("ORANGE", 8500, "Orange", None),
        ("GOLD", 9500, "Gold", None),
    ),
    minimum_scores=60,
)

RATE = between(0, 100)
HARD_RATE = between(0, 120)


def music_rate_in_range(value: object, chart: Chart) -> Problem | None:
    """From 0 to 100, or 120 on a hard difficulty; nothing but a number is in range."""
    rule = broken(HARD_RATE if chart.difficulty.startswith(HARD) else RATE, value)
    return Problem(rule.code, rule.text) if rule else None


def lamp_of(score: int, misses: int) -> str:
    """The lamp for sources that do not send one.

    No misses make a FULL COMBO even below the border of a clear; validation rejects
    such a score.
    """
    if score == PERFECT:
        return "EXCELLENT"
    if misses == 0:
        return "FULL COMBO"
    return "CLEAR" if score >= CLEARED else "FAILED"


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def jubility(score_data: ScoreData, chart: Chart) -> float:
    """floor(L * 125 * M / 99 / 100) / 10 of a cleared play; 0 for a failed one.

    L is the level in tenths, rounded; M is the music rate in tenths, rounded down.
    Raises Impossible outside 0 to 1,000,000, for a music rate outside 0 to 120 and for
    a negative level.
    """
    score = number_between(score_data, "score", 0, PERFECT)
    rate = number_between(score_data, "musicRate", 0, 120)
    level = level_of(chart)
    if score < CLEARED:
        return 0
    worth = (round_half_up(level * 10) * 125 * floor(rate * 10)) / 99
    return floor(worth / 100) / 10


def profile_jubility(bests: Sequence[RatedBest]) -> float:
    """The 30 best of the pick-up songs plus the 30 best of all others; 0 for none.

    A song counts once per difficulty, be it hard or not, and non-primary charts count
    like all others.
    """
    pick_up: dict[tuple[int, str], float] = {}
    common: dict[tuple[int, str], float] = {}
    for value, chart, song in bests:
        current = value_of(song.data, "displayVersion") == CURRENT_VERSION
        played = (chart.song_id, chart.difficulty.removeprefix(HARD))
        (pick_up if current else common).setdefault(played, value)
    return _sum_of_first(30, pick_up) + _sum_of_first(30, common)


def _sum_of_first(n: int, descending: dict[tuple[int, str], float]) -> float:
    return total(list(descending.values())[:n])


def excellent_is_perfect(score_data: ScoreData, chart: Chart) -> Problem | None:
    """EXCELLENT is 1,000,000 and nothing else is."""
    excellent = score_data["lamp"] == "EXCELLENT"
    perfect = score_data["score"] == PERFECT
    if excellent and not perfect:
        return Problem(
            "excellent-requires-1m",
            "Cannot have an EXCELLENT without a perfect score.",
        )
    if perfect and not excellent:
        return Problem(
            "1m-requires-excellent",
            "Cannot have a perfect score without an EXCELLENT.",
        )
    return None


def lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """Nothing but perfects in an EXCELLENT; no miss in a FULL COMBO, but poors may."""
    lamp = score_data["lamp"]
    if lamp == "EXCELLENT" and judged(score_data, "great", "good", "poor", "miss"):
        return Problem(
            "excellent-with-other-judgements",
            "Cannot have an EXCELLENT with any non-perfect judgements.",
        )
    if lamp == "FULL COMBO" and judged(score_data, "miss"):
        return Problem("fc-with-miss", "Cannot have a FULL COMBO with any misses.")
    return None


def score_decides_clear(score_data: ScoreData, chart: Chart) -> Problem | None:
    """FAILED is everything below 700,000 and nothing from there on."""
    score, failed = compared(score_data["score"]), score_data["lamp"] == "FAILED"
    if score < CLEARED and not failed:
        return Problem(
            "below-700k-must-be-failed",
            "Cannot have a score below 700K without a FAILED.",
        )
    if score >= CLEARED and failed:
        return Problem(
            "700k-or-more-cannot-be-failed",
            "Cannot have a FAILED with a score of 700K or more.",
        )
    return None


SINGLE = Game(
    name="jubeat",
    playtype="Single",
    playtypes=("Single",),
    title="jubeat",
    display_name="jubeat",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "musicRate": decimal(
            "Music rate, one decimal place.", music_rate_in_range, text=percent(2)
        ),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "A", *GRADES.names)},
    optional={**TIMING, "musicBar": graph("Music bar segments.", whole_between(0, 3))},
    derivers={"grade": grade},
    relations=(excellent_is_perfect, lamp_fits_judgements, score_decides_clear),
    judgements=("perfect", "great", "good", "poor", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="EXT",
    versions=VERSIONS,
    match_types=("inGameID", "tachiSongID"),
    default_metric="musicRate",
    default_enum="grade",
    score_ratings={"jubility": ScoreRating("In-game jubility of the play.", jubility)},
    session_ratings={
        "jubility": SessionRating(
            "Mean of the session's 10 highest jubility values.", "jubility"
        )
    },
    profile_ratings={
        "jubility": ProfileRating(
            "Best 30 on pick-up songs plus best 30 on all other songs.",
            profile_jubility,
            over_all="jubility",
        ),
        "naiveJubility": sum_of_best(
            "Sum of the 60 highest jubility values regardless of song age.",
            "jubility",
            60,
        ),
    },
    default_ratings=DefaultRatings(
        score="jubility", session="jubility", profile="jubility"
    ),
    classes={"colour": COLOUR},
    base_name="Best Music Rate",
    mergers=(
        Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),
        Merger("Best Score", "score", copies=("score", "grade")),
    ),
    song_data=schema.document(displayVersion=schema.string()),
    chart_data=schema.document(
        inGameID=schema.either(
            schema.array(schema.integer(minimum=0)), schema.integer(minimum=0)
        ),
        noteCount=schema.number(minimum=0),
        musicBar=schema.array(schema.number(minimum=0)),
    ),
    preferences=schema.document(jubilityTarget=schema.number().or_null().or_absent()),
)

GAMES = (SINGLE,)
