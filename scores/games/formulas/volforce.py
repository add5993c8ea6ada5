"""VOLFORCE and its classes, grades and lamps: what SOUND VOLTEX and USC share."""

from math import floor

from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.grades import Grades
from scores.rules.javascript import MAX_SAFE_INTEGER, compared, fixed
from scores.rules.problems import Problem
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import ScoreData, judged, look_up, number

PERFECT = 10_000_000

GRADES = Grades(
    (
        ("D", 0),
        ("C", 7_000_000),
        ("B", 8_000_000),
        ("A", 8_700_000),
        ("A+", 9_000_000),
        ("AA", 9_300_000),
        ("AA+", 9_500_000),
        ("AAA", 9_700_000),
        ("AAA+", 9_800_000),
        ("S", 9_900_000),
        ("PUC", PERFECT),
    )
)

#: In hundredths. A perfect score is worth no more than an S; only its lamp is.
GRADE_COEFFICIENTS = {
    "D": 80,
    "C": 82,
    "B": 85,
    "A": 88,
    "A+": 91,
    "AA": 94,
    "AA+": 97,
    "AAA": 100,
    "AAA+": 102,
    "S": 105,
    "PUC": 105,
}

LAMP_COEFFICIENTS = {
    "FAILED": 50,
    "CLEAR": 100,
    "EXCESSIVE CLEAR": 102,
    "MAXXIVE CLEAR": 104,
    "ULTIMATE CHAIN": 105,
    "PERFECT ULTIMATE CHAIN": 110,
}

VF_CLASSES = derived(
    "VF6",
    (
        ("SIENNA_I", 0, "Sienna I", "0 - 2.499VF"),
        ("SIENNA_II", 2.5, "Sienna II", "2.5 - 4.999VF"),
        ("SIENNA_III", 5, "Sienna III", "5.0 - 7.499VF"),
        ("SIENNA_IV", 7.5, "Sienna IV", "7.5 - 9.999VF"),
        ("COBALT_I", 10, "Cobalt I", "10 - 10.499VF"),
        ("COBALT_II", 10.5, "Cobalt II", "10.5 - 10.999VF"),
        ("COBALT_III", 11, "Cobalt III", "11 - 11.499VF"),
        ("COBALT_IV", 11.5, "Cobalt IV", "11.5 - 11.999VF"),
        ("DANDELION_I", 12, "Dandelion I", "12 - 12.499VF"),
        ("DANDELION_II", 12.5, "Dandelion II", "12.5 - 12.999VF"),
        ("DANDELION_III", 13, "Dandelion III", "13 - 13.499VF"),
        ("DANDELION_IV", 13.5, "Dandelion IV", "13.5 - 13.999VF"),
        ("CYAN_I", 14, "Cyan I", "14 - 14.249VF"),
        ("CYAN_II", 14.25, "Cyan II", "14.25 - 14.499VF"),
        ("CYAN_III", 14.5, "Cyan III", "14.5 - 14.749VF"),
        ("CYAN_IV", 14.75, "Cyan IV", "14.75 - 14.999VF"),
        ("SCARLET_I", 15, "Scarlet I", "15 - 15.249VF"),
        ("SCARLET_II", 15.25, "Scarlet II", "15.25 - 15.499VF"),
        ("SCARLET_III", 15.5, "Scarlet III", "15.5 - 15.749VF"),
        ("SCARLET_IV", 15.75, "Scarlet IV", "15.75 - 15.999VF"),
        ("CORAL_I", 16, "Coral I", "16 - 16.249VF"),
        ("CORAL_II", 16.25, "Coral II", "16.25 - 16.499VF"),
        ("CORAL_III", 16.5, "Coral III", "16.5 - 16.749VF"),
        ("CORAL_IV", 16.75, "Coral IV", "16.75 - 16.999VF"),
        ("ARGENTO_I", 17, "Argento I", "17 - 17.249VF"),
        ("ARGENTO_II", 17.25, "Argento II", "17.25 - 17.499VF"),
        ("ARGENTO_III", 17.5, "Argento III", "17.5 - 17.749VF"),
        ("ARGENTO_IV", 17.75, "Argento IV", "17.75 - 17.999VF"),
        ("ELDORA_I", 18, "Eldora I", "18 - 18.249VF"),
        ("ELDORA_II", 18.25, "Eldora II", "18.25 - 18.499VF"),
        ("ELDORA_III", 18.5, "Eldora III", "18.5 - 18.749VF"),
        ("ELDORA_IV", 18.75, "Eldora IV", "18.75 - 18.999VF"),
        ("CRIMSON_I", 19, "Crimson I", "19 - 19.249VF"),
        ("CRIMSON_II", 19.25, "Crimson II", "19.25 - 19.499VF"),
        ("CRIMSON_III", 19.5, "Crimson III", "19.5 - 19.749VF"),
        ("CRIMSON_IV", 19.75, "Crimson IV", "19.75 - 19.999VF"),
        ("IMPERIAL_I", 20, "Imperial I", "20 - 20.999VF"),
        ("IMPERIAL_II", 21, "Imperial II", "21 - 21.999VF"),
        ("IMPERIAL_III", 22, "Imperial III", "22 - 22.999VF"),
        ("IMPERIAL_IV", 23, "Imperial IV", ">23VF"),
    ),
    minimum_relevant="IMPERIAL_I",
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def vf6(score_data: ScoreData, chart: Chart) -> float:
    """floor(level * 2 * score/10M * grade * lamp / 1000) / 1000, left to right.

    VOLFORCE of SOUND VOLTEX EXCEED GEAR. Raises Impossible outside 0 to 10,000,000 and
    for an unknown lamp; any level will do.
    """
    score = number_between(score_data, "score", 0, PERFECT)
    level = level_of(chart, lowest=-MAX_SAFE_INTEGER)
    by_grade = GRADE_COEFFICIENTS[GRADES.of(score)]
    by_lamp = look_up(LAMP_COEFFICIENTS, score_data, "lamp")
    force = level * 2 * (score / PERFECT) * by_grade * by_lamp
    return floor(force / 1000) / 1000


def perfect_chain_is_perfect(score_data: ScoreData, chart: Chart) -> Problem | None:
    """PERFECT ULTIMATE CHAIN means 10,000,000; not the other way round."""
    if (
        score_data["lamp"] == "PERFECT ULTIMATE CHAIN"
        and score_data["score"] != PERFECT
    ):
        return Problem(
            "puc-requires-10m",
            "Cannot have a PERFECT ULTIMATE CHAIN without a perfect score.",
        )
    return None


def chains_are_unbroken(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No miss in an ULTIMATE CHAIN, nor a near in a perfect one."""
    lamp = score_data["lamp"]
    if lamp == "PERFECT ULTIMATE CHAIN" and judged(score_data, "near", "miss"):
        return Problem(
            "puc-with-near-or-miss",
            "Cannot have a PERFECT ULTIMATE CHAIN with any nears or misses.",
        )
    if lamp == "ULTIMATE CHAIN" and judged(score_data, "miss"):
        return Problem(
            "uc-with-miss", "Cannot have an ULTIMATE CHAIN with non-zero miss count."
        )
    return None


def chain_is_at_least_half(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A near is worth half a critical, so an ULTIMATE CHAIN cannot be below half."""
    score = compared(score_data["score"])
    if score_data["lamp"] == "ULTIMATE CHAIN" and score < PERFECT / 2:
        return Problem(
            "uc-below-5m", "Cannot have an ULTIMATE CHAIN with a score below 5 million."
        )
    return None


RELATIONS = (perfect_chain_is_perfect, chains_are_unbroken, chain_is_at_least_half)

SCORE_RATINGS = {
    "VF6": ScoreRating("SDVX6 VOLFORCE of a single chart.", vf6, text=fixed(3))
}
SESSION_RATINGS = {
    "ProfileVF6": SessionRating(
        "Mean of the session's 10 highest VF6 values times 50, "
        "so that it is comparable with a profile VOLFORCE.",
        "VF6",
        times=50,
        text=fixed(3),
    )
}
PROFILE_RATINGS = {
    "VF6": sum_of_best("Sum of the 50 highest VF6 values.", "VF6", 50, text=fixed(3))
}
