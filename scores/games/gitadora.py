"""GITADORA, guitar and drums."""

from math import floor

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.display import GameNames, shorthand
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import percent
from scores.rules.metrics import decimal, enum
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import ScoreData, number

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "EXCELLENT")

GRADES = Grades((("C", 0), ("B", 63), ("A", 73), ("S", 80), ("SS", 95), ("MAX", 100)))

GUITAR = {
    "BASIC": "G-BSC",
    "ADVANCED": "G-ADV",
    "EXTREME": "G-EXT",
    "MASTER": "G-MAS",
    "BASS BASIC": "B-BSC",
    "BASS ADVANCED": "B-ADV",
    "BASS EXTREME": "B-EXT",
    "BASS MASTER": "B-MAS",
}
DRUMS = {
    "BASIC": "D-BSC",
    "ADVANCED": "D-ADV",
    "EXTREME": "D-EXT",
    "MASTER": "D-MAS",
}

VERSIONS = {
    "konaste": "Konaste",
    "fuzzUp": "FUZZ-UP",
    "highVoltage": "HIGH-VOLTAGE",
    "nextage": "NEX+AGE",
    "exchain": "EXCHAIN",
    "matixx": "Matixx",
}

COLOUR = derived(
    "naiveSkill",
    (
        ("WHITE", 0, "白", "White"),
        ("ORANGE", 1000, "橙", "Orange"),
        ("ORANGE_GRD", 1500, "橙グラ", "Orange Gradient"),
        ("YELLOW", 2000, "黄", "Yellow"),
        ("YELLOW_GRD", 2500, "黄グラ", "Yellow Gradient"),
        ("GREEN", 3000, "緑", "Green"),
        ("GREEN_GRD", 3500, "緑グラ", "Green Gradient"),
        ("BLUE", 4000, "青", "Blue"),
        ("BLUE_GRD", 4500, "青グラ", "Blue Gradient"),
        ("PURPLE", 5000, "紫", "Purple"),
        ("PURPLE_GRD", 5500, "紫グラ", "Purple Gradient"),
        ("RED", 6000, "赤", "Red"),
        ("RED_GRD", 6500, "赤グラ", "Red Gradient"),
        ("BRONZE", 7000, "銅", "Bronze"),
        ("SILVER", 7500, "銀", "Silver"),
        ("GOLD", 8000, "金", "Gold"),
        ("RAINBOW", 8500, "虹", "Rainbow"),
    ),
    minimum_scores=50,
    named_by_hover=True,
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the percentage alone."""
    return GRADES.of(number(score_data, "percent"))


def skill(score_data: ScoreData, chart: Chart) -> float:
    """floor(percent * level * 20) / 100, left to right: the skill of one play.

    The order matters: rounding errors of binary floats lower about three plays in a
    thousand by 0.01, as in the original.
    Raises Impossible outside 0 to 100 percent or for a negative level.
    """
    percentage = number_between(score_data, "percent", 0, 100)
    return floor((percentage * level_of(chart)) * 20) / 100


def difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "G-EXT 7.20": always with the short name, which tells the instrument."""
    return f"{shorthand(game, chart)} {chart.level}"


def _playtype(playtype: str, difficulties: dict[str, str]) -> Game:
    return Game(
        name="gitadora",
        playtype=playtype,
        playtypes=("Gita", "Dora"),
        title="GITADORA",
        display_name=f"GITADORA ({playtype})",
        provided={
            "percent": decimal("Percentage.", between(0, 100), text=percent(2)),
            "lamp": enum("Clear type.", "CLEAR", *LAMPS),
        },
        derived={"grade": enum("Grade.", "A", *GRADES.names)},
        optional=TIMING,
        derivers={"grade": grade},
        relations=(),
        judgements=("perfect", "great", "good", "ok", "miss"),
        grades=GRADES,
        difficulties=tuple(difficulties),
        difficulty_shorthand=difficulties,
        default_difficulty="EXTREME",
        versions=VERSIONS,
        match_types=("inGameID", "songTitle", "tachiSongID"),
        default_metric="percent",
        default_enum="grade",
        score_ratings={"skill": ScoreRating("In-game skill value of the play.", skill)},
        session_ratings={
            "skill": SessionRating(
                "Mean of the session's 10 highest skill values.", "skill"
            )
        },
        profile_ratings={
            "naiveSkill": sum_of_best(
                "Sum of the 50 highest skills; HOT/OTHER split not modelled.",
                "skill",
                50,
            )
        },
        default_ratings=DefaultRatings(
            score="skill", session="skill", profile="naiveSkill"
        ),
        classes={"colour": COLOUR},
        base_name="Best Percent",
        mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
        difficulty_text=difficulty_text,
        short_difficulty_text=difficulty_text,
        chart_data=schema.document(inGameID=schema.integer(minimum=0)),
    )


GITA = _playtype("Gita", GUITAR)
DORA = _playtype("Dora", DRUMS)

GAMES = (GITA, DORA)
