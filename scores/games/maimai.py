"""maimai, as of FiNALE."""

from scores.games.formulas.rate_curves import HIGHEST_PERCENT, curve_rate
from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import above, level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived, provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, number_text, percent
from scores.rules.metrics import decimal, enum
from scores.rules.problems import Problem
from scores.rules.ratings import ScoreRating, SessionRating, mean_of_best
from scores.rules.score_data import ScoreData, judged, number

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "ALL PERFECT", "ALL PERFECT+")

#: SSS+ is the chart's own maximum; no chart's maximum is above the 104 given here.
GRADES = Grades(
    (
        ("F", 0),
        ("E", 10),
        ("D", 20),
        ("C", 40),
        ("B", 60),
        ("A", 80),
        ("AA", 90),
        ("AAA", 94),
        ("S", 97),
        ("S+", 98),
        ("SS", 99),
        ("SS+", 99.5),
        ("SSS", 100),
        ("SSS+", HIGHEST_PERCENT),
    )
)

DIFFICULTIES = {
    "Easy": "ESY",
    "Basic": "BAS",
    "Advanced": "ADV",
    "Expert": "EXP",
    "Master": "MAS",
    "Re:Master": "Re:MAS",
}

COLOUR = derived(
    "naiveRate",
    (
        ("WHITE", 0, "White", "0 - 1.99 Rating"),
        ("BLUE", 2, "Blue", "2 - 3.99 Rating"),
        ("GREEN", 4, "Green", "4 - 6.99 Rating"),
        ("YELLOW", 7, "Yellow", "7 - 9.99 Rating"),
        ("RED", 10, "Red", "10 - 11.99 Rating"),
        ("PURPLE", 12, "Purple", "12 - 12.99 Rating"),
        ("BRONZE", 13, "Bronze", "13 - 13.99 Rating"),
        ("SILVER", 14, "Silver", "14 - 14.49 Rating"),
        ("GOLD", 14.5, "Gold", "14.5 - 14.99 Rating"),
        ("RAINBOW", 15, "Rainbow", ">=15 Rating"),
    ),
    minimum_scores=30,
)

DAN = provided(
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
    ("KAIDEN", "皆伝", "Kaiden"),
    ("SHINDAN_1", "真初段", "1st Shindan"),
    ("SHINDAN_2", "真二段", "2nd Shindan"),
    ("SHINDAN_3", "真三段", "3rd Shindan"),
    ("SHINDAN_4", "真四段", "4th Shindan"),
    ("SHINDAN_5", "真五段", "5th Shindan"),
    ("SHINDAN_6", "真六段", "6th Shindan"),
    ("SHINDAN_7", "真七段", "7th Shindan"),
    ("SHINDAN_8", "真八段", "8th Shindan"),
    ("SHINDAN_9", "真九段", "9th Shindan"),
    ("SHINDAN_10", "真十段", "10th Shindan"),
    ("SHINKAIDEN", "真皆伝", "Shinkaiden"),
    named_by_hover=True,
)


def percent_in_range(value: object, chart: Chart) -> Problem | None:
    """From 0 to the maximum of the chart."""
    percentage, maximum = compared(value), number(chart.data, "maxPercent")
    if percentage < 0:
        return Problem("percent-negative", "Percent cannot be negative.")
    if percentage > maximum:
        return Problem(
            "percent-over-chart-max",
            f"Percent cannot be greater than {number_text(maximum)} for this chart.",
        )
    return None


def grade(score_data: ScoreData, chart: Chart) -> str:
    """SSS+ for exactly the chart's maximum; otherwise by the percentage."""
    percentage = number(score_data, "percent")
    if percentage == number(chart.data, "maxPercent"):
        return "SSS+"
    return GRADES.of(percentage)


def rate(score_data: ScoreData, chart: Chart) -> float:
    """The rate on the curve of the level.

    Raises Impossible for a chart whose maximum is above 104, a percentage outside 0 to
    the maximum, or a negative level.
    """
    maximum = number(chart.data, "maxPercent")
    if maximum > HIGHEST_PERCENT:
        raise above("maxPercent", HIGHEST_PERCENT)
    percentage = number_between(score_data, "percent", 0, maximum)
    return curve_rate(percentage, maximum, level_of(chart))


def percent_is_possible(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No chart's maximum is above 104%, whatever its data say."""
    if compared(score_data["percent"]) > HIGHEST_PERCENT:
        return Problem("percent-over-104", "Percent cannot be greater than 104.")
    return None


def perfect_plus_is_the_maximum(score_data: ScoreData, chart: Chart) -> Problem | None:
    """ALL PERFECT+ is SSS+ and nothing else is."""
    lamp_plus = score_data["lamp"] == "ALL PERFECT+"
    grade_plus = score_data["grade"] == "SSS+"
    if lamp_plus and not grade_plus:
        return Problem(
            "app-without-sssplus", "Cannot have an ALL PERFECT+ without an SSS+."
        )
    if grade_plus and not lamp_plus:
        return Problem(
            "sssplus-without-app", "Cannot have an SSS+ without an ALL PERFECT+."
        )
    return None


def lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No miss in a FULL COMBO, nor a great or good in an ALL PERFECT."""
    lamp = score_data["lamp"]
    if lamp == "ALL PERFECT" and judged(score_data, "great", "good", "miss"):
        return Problem(
            "ap-with-other-judgements",
            "Cannot have an ALL PERFECT with any non-perfect judgements.",
        )
    if lamp == "FULL COMBO" and judged(score_data, "miss"):
        return Problem("fc-with-miss", "Cannot have a FULL COMBO with any misses.")
    return None


SINGLE = Game(
    name="maimai",
    playtype="Single",
    playtypes=("Single",),
    title="maimai",
    display_name="maimai",
    provided={
        "percent": decimal("Percentage.", percent_in_range, text=percent(2)),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "A", *GRADES.names)},
    optional=TIMING,
    derivers={"grade": grade},
    relations=(percent_is_possible, perfect_plus_is_the_maximum, lamp_fits_judgements),
    judgements=("perfect", "great", "good", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="Master",
    versions={"finale": "FiNALE"},
    match_types=("songTitle", "tachiSongID", "inGameID", "inGameStrID"),
    default_metric="percent",
    default_enum="grade",
    score_ratings={"rate": ScoreRating("In-game (FiNALE) rate of the play.", rate)},
    session_ratings={
        "rate": SessionRating("Mean of the session's 10 highest rates.", "rate")
    },
    profile_ratings={
        "naiveRate": mean_of_best(
            "30 highest rates averaged over 30; in-game song-based and recent parts "
            "not modelled.",
            "rate",
            30,
        )
    },
    default_ratings=DefaultRatings(score="rate", session="rate", profile="naiveRate"),
    classes={"colour": COLOUR, "dan": DAN},
    base_name="Best Percent",
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    song_data=schema.document(
        titleJP=schema.string(),
        artistJP=schema.string(),
        displayVersion=schema.string(),
    ),
    chart_data=schema.document(
        inGameID=schema.number(),
        inGameStrID=schema.string(),
        maxPercent=schema.number(),
    ),
)

GAMES = (SINGLE,)
