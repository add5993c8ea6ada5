"""O.N.G.E.K.I."""

from collections.abc import Callable, Sequence
from math import floor, nan

from scores.games.formulas.technical_score import (
    PERFECT,
    classic_rating,
    refresh_rating,
)
from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, fixed, round_half_up
from scores.rules.metrics import enum, integer, nullable_graph
from scores.rules.problems import Impossible, Problem
from scores.rules.ranges import ChartRule, between
from scores.rules.ratings import (
    ProfileRating,
    ScoreRating,
    SessionRating,
    TopN,
    floored_mean,
    floored_mean_of_best,
)
from scores.rules.score_data import ScoreData, judged, number, text

NOTE_LAMPS = ("LOSS", "CLEAR", "FULL COMBO", "ALL BREAK", "ALL BREAK+")
BELL_LAMPS = ("NONE", "FULL BELL")

GRADES = Grades(
    (
        ("D", 0),
        ("C", 500_000),
        ("B", 700_000),
        ("BB", 750_000),
        ("BBB", 800_000),
        ("A", 850_000),
        ("AA", 900_000),
        ("AAA", 940_000),
        ("S", 970_000),
        ("SS", 990_000),
        ("SSS", 1_000_000),
        ("SSS+", 1_007_500),
    )
)

DIFFICULTIES = {
    "BASIC": "BAS",
    "ADVANCED": "ADV",
    "EXPERT": "EXP",
    "MASTER": "MAS",
    "LUNATIC": "LUN",
}

VERSIONS = {
    "brightMemory2Omni": "bright MEMORY Act.II Omnimix",
    "brightMemory3": "bright MEMORY Act.III",
    "brightMemory3Omni": "bright MEMORY Act.III Omnimix",
    "refresh": "Re:Fresh",
    "refreshOmni": "Re:Fresh Omnimix",
}

COLOUR = derived(
    "naiveRatingRefresh",
    (
        ("BLUE", 0, "水", "Blue: 0.000~3.999 Rating"),
        ("GREEN", 4, "緑", "Green: 4.000~6.999 Rating"),
        ("ORANGE", 7, "橙", "Orange: 7.000~8.999 Rating"),
        ("RED", 9, "赤", "Red: 9.000~10.999 Rating"),
        ("PURPLE", 11, "紫", "Purple: 11.000~12.999 Rating"),
        ("COPPER", 13, "銅", "Copper: 13.000~14.999 Rating"),
        ("SILVER", 15, "銀", "Silver: 15.000~16.999 Rating"),
        ("GOLD", 17, "金", "Gold: 17.000~17.999 Rating"),
        ("PLATINUM", 18, "鉑", "Platinum: 18.000~18.999 Rating"),
        ("RAINBOW", 19, "虹", "Rainbow: 19.000~19.999 Rating"),
        ("RAINBOW_SHINY", 20, "虹(光)", "Rainbow Shiny: 20.000~20.999 Rating"),
        ("RAINBOW_EX", 21, "虹(極)", "Rainbow Extreme: 21.000~ Rating"),
    ),
    minimum_relevant="RAINBOW",
    named_by_hover=True,
)

GENRES = (
    "POPS＆ANIME",
    "niconico",
    "東方Project",
    "VARIETY",
    "チュウマイ",
    "オンゲキ",
    "LUNATIC",
    "ボーナストラック",
)
DISPLAY_VERSIONS = (
    "オンゲキ",
    "オンゲキ PLUS",
    "オンゲキ SUMMER",
    "オンゲキ SUMMER PLUS",
    "オンゲキ R.E.D.",
    "オンゲキ R.E.D. PLUS",
    "オンゲキ bright",
    "オンゲキ bright MEMORY Act.1",
    "オンゲキ bright MEMORY Act.2",
    "オンゲキ bright MEMORY Act.3",
    "オンゲキ Re:Fresh",
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def platinum_stars(score_data: ScoreData, chart: Chart) -> float:
    """0 below 94% of the chart's platinum score, then one more per whole percent.

    98% is five stars, 99% the sixth. NaN for 0 of a chart that has none.
    """
    score = number(score_data, "platinumScore")
    maximum = number(chart.data, "maxPlatScore")
    if not maximum:
        return nan if score == 0 else 6 if score > 0 else 0
    return max(0, min(floor((score / maximum) * 100), 99) - 93)


def stars_text(stars: float) -> str:
    """ "★★★☆☆"; six stars are five and the mark of a rainbow."""
    filled = min(int(stars), 5)
    rainbow = "(虹)" if stars > 5 else ""
    return "★" * filled + "☆" * (5 - filled) + rainbow


def unranked(chart: Chart) -> bool:
    """Whether a chart has no ratings: bonus tracks, by their id, and level 0."""
    return chart.level_num == 0 or 7000 <= number(chart.data, "inGameID") < 8000


def rating(score_data: ScoreData, chart: Chart) -> float:
    """The rating of bright MEMORY; 0 on an unranked chart. Raises Impossible."""
    if unranked(chart):
        return 0
    score = number_between(score_data, "score", 0, PERFECT)
    return classic_rating(score, level_of(chart))


def score_rating(score_data: ScoreData, chart: Chart) -> float:
    """The rating of Re:Fresh; 0 on an unranked chart. Raises Impossible."""
    if unranked(chart):
        return 0
    return refresh_rating(
        number_between(score_data, "score", 0, PERFECT),
        level_of(chart),
        text(score_data, "noteLamp"),
        text(score_data, "bellLamp"),
    )


def star_rating(score_data: ScoreData, chart: Chart) -> float:
    """floor(stars * level * level) / 1000 of at most five stars.

    0 on an unranked chart. Raises Impossible for a negative level and where there are
    no stars to get.
    """
    if unranked(chart):
        return 0
    level, stars = level_of(chart), platinum_stars(score_data, chart)
    if stars != stars:
        raise Impossible("no-platinum-score", "The chart has no platinum score.")
    return floor(min(stars, 5) * level * level) / 1000


def refresh_profile(scores: Sequence[float], stars: Sequence[float]) -> float:
    """1.2 times the mean of 60 score ratings, plus the mean of 50 star ratings.

    All in thousandths, rounded down at every step; 0 for a player without any.
    """
    by_score = round_half_up(floored_mean(scores, 60, 1000) * 1000)
    by_stars = round_half_up(floored_mean(stars, 50, 1000) * 1000)
    return (floor(by_score * 1.2) + by_stars) / 1000


def platinum_score_in_range(value: object, chart: Chart) -> Problem | None:
    """From 0 to the maximum of the chart."""
    score = compared(value)
    if score < 0:
        return Problem("platinum-negative", "Platinum Score cannot be negative.")
    return TOO_MUCH_PLATINUM if score > number(chart.data, "maxPlatScore") else None


def not_negative(name: str) -> ChartRule:
    """Charts do not say how many bells and bullets they have: no maximum is known."""
    problem = Problem(f"{name}-negative", "Expected a positive integer.")
    return lambda value, chart: problem if compared(value) < 0 else None


TOO_MUCH_PLATINUM = Problem(
    "platinum-over-chart-max",
    "Platinum Score cannot be greater than the maximum of the chart.",
)

#: What makes a play impossible, given it and its chart; in this order.
_IMPOSSIBLE: tuple[tuple[Callable[[ScoreData, Chart], object], Problem], ...] = (
    (
        lambda play, chart: (
            play["noteLamp"] == "ALL BREAK+" and judged(play, "hit", "miss", "break")
        ),
        Problem(
            "abplus-with-break-hit-or-miss",
            "Cannot have an ALL BREAK+ with any breaks, hits or misses.",
        ),
    ),
    (
        lambda play, chart: (
            play["noteLamp"] == "ALL BREAK+" and compared(play["score"]) < PERFECT
        ),
        Problem(
            "abplus-requires-1010000",
            "Cannot have an ALL BREAK+ without a perfect score.",
        ),
    ),
    (
        lambda play, chart: (
            play["score"] == PERFECT
            and (play["noteLamp"], play["bellLamp"]) != ("ALL BREAK+", "FULL BELL")
        ),
        Problem(
            "1010000-requires-abplus-and-full-bell",
            "Cannot have a perfect score without an ALL BREAK+ and a FULL BELL.",
        ),
    ),
    (
        lambda play, chart: (
            play["noteLamp"] == "ALL BREAK" and judged(play, "hit", "miss")
        ),
        Problem(
            "ab-with-hit-or-miss",
            "Cannot have an ALL BREAK with any hits or misses.",
        ),
    ),
    (
        lambda play, chart: play["noteLamp"] == "FULL COMBO" and judged(play, "miss"),
        Problem("fc-with-miss", "Cannot have a FULL COMBO with any misses."),
    ),
    (
        lambda play, chart: (
            play["bellLamp"] == "FULL BELL" and play["noteLamp"] == "LOSS"
        ),
        Problem("loss-with-full-bell", "Cannot have a LOSS with a FULL BELL."),
    ),
    (
        lambda play, chart: (
            compared(play["platinumScore"]) > number(chart.data, "maxPlatScore")
        ),
        TOO_MUCH_PLATINUM,
    ),
)


def play_is_possible(score_data: ScoreData, chart: Chart) -> Problem | None:
    """The first thing that is wrong between the lamps, scores and judgements."""
    for is_broken, problem in _IMPOSSIBLE:
        if is_broken(score_data, chart):
            return problem
    return None


SINGLE = Game(
    name="ongeki",
    playtype="Single",
    playtypes=("Single",),
    title="O.N.G.E.K.I.",
    display_name="O.N.G.E.K.I.",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "noteLamp": enum("Combo/note lamp.", "CLEAR", *NOTE_LAMPS),
        "bellLamp": enum("Full-bell lamp.", "FULL BELL", *BELL_LAMPS),
        "platinumScore": integer("Platinum score.", platinum_score_in_range),
    },
    derived={
        "grade": enum("Grade.", "A", *GRADES.names),
        "platinumStars": integer(
            "Platinum stars 0-6 (6 = rainbow).", between(0, 6), text=stars_text
        ),
    },
    optional={
        **TIMING,
        "damage": integer(
            "Damage ticks taken.", not_negative("damage"), part_of_score_id=True
        ),
        "bellCount": integer(
            "Bells collected.", not_negative("bellcount"), part_of_score_id=True
        ),
        "totalBellCount": integer(
            "Bells in the chart.", not_negative("totalbellcount")
        ),
        "scoreGraph": nullable_graph(
            "Projected score per second.", between(0, PERFECT)
        ),
        "platinumGraph": nullable_graph(
            "Platinum score lost per second.", between(-100_000, 0)
        ),
        "bellGraph": nullable_graph("Bells missed per second.", between(-10_000, 0)),
        "lifeGraph": nullable_graph("Life value per second.", between(0, 100)),
    },
    derivers={"grade": grade, "platinumStars": platinum_stars},
    relations=(play_is_possible,),
    judgements=("cbreak", "break", "hit", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="MASTER",
    versions=VERSIONS,
    match_types=("songTitle", "tachiSongID", "inGameID"),
    default_metric="score",
    default_enum="grade",
    score_ratings={
        "rating": ScoreRating(
            "Technical-score rating of the bright MEMORY era.", rating
        ),
        "scoreRating": ScoreRating(
            "Technical-score rating of the Re:Fresh era.", score_rating, text=fixed(3)
        ),
        "starRating": ScoreRating(
            "Platinum-star rating of the Re:Fresh era.", star_rating, text=fixed(3)
        ),
    },
    session_ratings={
        "naiveRating": SessionRating(
            "Mean of the session's 10 highest classic ratings.", "rating"
        ),
        "naiveScoreRating": SessionRating(
            "Mean of the session's 10 highest scoreRatings.",
            "scoreRating",
            text=fixed(3),
        ),
        "starRating": SessionRating(
            "Mean of the session's 10 highest starRatings.", "starRating", text=fixed(3)
        ),
    },
    profile_ratings={
        "naiveRating": floored_mean_of_best(
            "45 highest classic ratings averaged over 45; new/old split and recent "
            "plays not modelled.",
            "rating",
            45,
            units=100,
        ),
        "naiveRatingRefresh": ProfileRating(
            "1.2 x mean of the 60 highest scoreRatings plus mean of the 50 highest "
            "starRatings; new/old split not modelled.",
            refresh_profile,
            sources=(TopN("scoreRating", 60), TopN("starRating", 50)),
            text=fixed(3),
        ),
    },
    default_ratings=DefaultRatings(
        score="rating", session="naiveRating", profile="naiveRating"
    ),
    classes={"colour": COLOUR},
    mergers=(
        Merger(
            "Best Platinum Score",
            "platinumScore",
            copies=("platinumScore", "platinumStars"),
        ),
        Merger("Best Note Lamp", "enumIndexes.noteLamp", copies=("noteLamp",)),
        Merger("Best Bell Lamp", "enumIndexes.bellLamp", copies=("bellLamp",)),
    ),
    ranked_by=("score", "platinumScore"),
    song_data=schema.document(genre=schema.one_of(*GENRES), duration=schema.number()),
    chart_data=schema.document(
        displayVersion=schema.one_of(*DISPLAY_VERSIONS),
        isReMaster=schema.boolean().or_absent(),
        maxPlatScore=schema.integer(),
        inGameID=schema.integer(),
        chartViewURL=schema.string().or_absent(),
    ),
)

GAMES = (SINGLE,)
