"""maimai DX."""

from math import floor

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived, provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, fixed, percent, round_half_up
from scores.rules.metrics import decimal, enum, nullable_graph
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import ScoreData, number

PERFECT = 101

LAMPS = (
    "FAILED",
    "CLEAR",
    "FULL COMBO",
    "FULL COMBO+",
    "ALL PERFECT",
    "ALL PERFECT+",
)

GRADES = Grades(
    (
        ("D", 0),
        ("C", 50),
        ("B", 60),
        ("BB", 70),
        ("BBB", 75),
        ("A", 80),
        ("AA", 90),
        ("AAA", 94),
        ("S", 97),
        ("S+", 98),
        ("SS", 99),
        ("SS+", 99.5),
        ("SSS", 100),
        ("SSS+", 100.5),
    )
)

#: From which ten-thousandth of a percent, and the coefficient. The odd borders are not
#: mistakes: a play just below some grades is worth more than those further below.
COEFFICIENTS = (
    (1_005_000, 224),
    (1_004_999, 222),
    (1_000_000, 216),
    (999_999, 214),
    (995_000, 211),
    (990_000, 208),
    (989_999, 206),
    (980_000, 203),
    (970_000, 200),
    (969_999, 176),
    (940_000, 168),
    (900_000, 152),
    (800_000, 136),
    (799_999, 128),
    (750_000, 120),
    (700_000, 112),
    (600_000, 96),
    (500_000, 80),
    (400_000, 64),
    (300_000, 48),
    (200_000, 32),
    (100_000, 16),
    (0, 0),
)
#: Percentages above this count as this.
HIGHEST = 1_005_000

DIFFICULTIES = {
    "Basic": "BAS",
    "Advanced": "ADV",
    "Expert": "EXP",
    "Master": "MAS",
    "Re:Master": "Re:MAS",
    "DX Basic": "DX BAS",
    "DX Advanced": "DX ADV",
    "DX Expert": "DX EXP",
    "DX Master": "DX MAS",
    "DX Re:Master": "DX Re:MAS",
}

VERSIONS = {
    "universeplus": "UNiVERSE PLUS",
    "festival": "FESTiVAL",
    "festivalplus": "FESTiVAL PLUS",
    "buddies": "BUDDiES",
    "buddies-omni": "BUDDiES Omnimix",
    "buddiesplus": "BUDDiES PLUS",
    "buddiesplus-omni": "BUDDiES PLUS Omnimix",
    "prism": "PRiSM",
    "prism-omni": "PRiSM Omnimix",
    "prismplus": "PRiSM PLUS",
}

COLOUR = derived(
    "naiveRate",
    (
        ("WHITE", 0, "White", "0 - 999 Rating"),
        ("BLUE", 1000, "Blue", "1000 - 1999 Rating"),
        ("GREEN", 2000, "Green", "2000 - 3999 Rating"),
        ("YELLOW", 4000, "Yellow", "4000 - 6999 Rating"),
        ("RED", 7000, "Red", "7000 - 9999 Rating"),
        ("PURPLE", 10000, "Purple", "10000 - 11999 Rating"),
        ("BRONZE", 12000, "Bronze", "12000 - 12999 Rating"),
        ("SILVER", 13000, "Silver", "13000 - 13999 Rating"),
        ("GOLD", 14000, "Gold", "14000 - 14499 Rating"),
        ("PLATINUM", 14500, "Platinum", "14500 - 14999 Rating"),
        ("RAINBOW", 15000, "Rainbow", ">=15000 Rating"),
    ),
    minimum_relevant="BRONZE",
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
    ("URAKAIDEN", "裏皆伝", "Urakaiden"),
    named_by_hover=True,
)

#: A5 is twice in the list that clients know; its index is the first one.
MATCHING_CLASS = provided(
    *(
        (f"{letter}{number_}", f"{letter}{number_}", None)
        for letter, numbers in (
            ("B", (5, 4, 3, 2, 1)),
            ("A", (5, 5, 4, 3, 2, 1)),
            ("S", (5, 4, 3, 2, 1)),
            ("SS", (5, 4, 3, 2, 1)),
            ("SSS", (5, 4, 3, 2, 1)),
        )
        for number_ in numbers
    ),
    ("LEGEND", "Legend", None),
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the percentage alone."""
    return GRADES.of(number(score_data, "percent"))


def rate(score_data: ScoreData, chart: Chart) -> int:
    """floor(s * c * i / 100,000,000).

    s is the percentage in ten-thousandths, up to 1,005,000; c its coefficient; i the
    level in tenths; s and i rounded. Lamps are worth nothing. Raises Impossible outside
    0 to 101 or for a negative level.
    """
    percentage = number_between(score_data, "percent", 0, PERFECT)
    level = round_half_up(level_of(chart) * 10)
    achieved = min(round_half_up(percentage * 10_000), HIGHEST)
    coefficient = next(c for lowest, c in COEFFICIENTS if achieved >= lowest)
    return floor((achieved * coefficient * level) / 100_000_000)


def lamp_fits_percent(score_data: ScoreData, chart: Chart) -> Problem | None:
    """ALL PERFECT+ is 101% and nothing else is; the first violation."""
    lamp, percentage = score_data["lamp"], compared(score_data["percent"])
    if lamp == "ALL PERFECT+" and percentage != PERFECT:
        return Problem("app-requires-101", "Cannot have an ALL PERFECT+ without 101%.")
    if lamp != "ALL PERFECT+" and percentage == PERFECT:
        return Problem("101-requires-app", "Cannot have 101% without an ALL PERFECT+.")
    if lamp == "ALL PERFECT" and percentage < 100.5:
        return Problem("ap-below-100.5", "Cannot have an ALL PERFECT below 100.5%.")
    return None


SINGLE = Game(
    name="maimaidx",
    playtype="Single",
    playtypes=("Single",),
    title="maimai DX",
    display_name="maimai DX",
    provided={
        "percent": decimal("Percentage.", between(0, PERFECT), text=percent(4)),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "A", *GRADES.names)},
    optional={
        **TIMING,
        "percentGraph": nullable_graph(
            "Projected achievement per second.", between(0, PERFECT)
        ),
        "lifeGraph": nullable_graph("Life value per second.", between(0, 999)),
    },
    derivers={"grade": grade},
    relations=(lamp_fits_percent,),
    judgements=("pcrit", "perfect", "great", "good", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="Master",
    versions=VERSIONS,
    match_types=("songTitle", "tachiSongID", "inGameID"),
    default_metric="percent",
    default_enum="grade",
    score_ratings={
        "rate": ScoreRating("In-game rating value of the play.", rate, text=fixed(0))
    },
    session_ratings={
        "rate": SessionRating(
            "Mean of the session's 10 highest rates.", "rate", text=fixed(0)
        )
    },
    profile_ratings={
        "naiveRate": sum_of_best(
            "Sum of the 50 highest rates; new/old split not modelled.",
            "rate",
            50,
            text=fixed(0),
        )
    },
    default_ratings=DefaultRatings(score="rate", session="rate", profile="naiveRate"),
    classes={"colour": COLOUR, "dan": DAN, "matchingClass": MATCHING_CLASS},
    base_name="Best Percent",
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    song_data=schema.document(
        genre=schema.string(), duration=schema.number().or_absent()
    ),
    chart_data=schema.document(
        displayVersion=schema.string(), inGameID=schema.integer(minimum=0).or_null()
    ),
)

GAMES = (SINGLE,)
