"""CHUNITHM."""

from collections.abc import Callable
from math import floor

from scores.games.formulas.lamps import forbidden_judgements
from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived, provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared
from scores.rules.metrics import enum, graph, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, floored_mean_of_best
from scores.rules.score_data import ScoreData, all_judged, number, section

PERFECT = 1_010_000

NOTE_LAMPS = ("NONE", "FULL COMBO", "ALL JUSTICE", "ALL JUSTICE CRITICAL")
CLEAR_LAMPS = ("FAILED", "CLEAR", "HARD", "BRAVE", "ABSOLUTE", "CATASTROPHY")

GRADES = Grades(
    (
        ("D", 0),
        ("C", 500_000),
        ("B", 600_000),
        ("BB", 700_000),
        ("BBB", 800_000),
        ("A", 900_000),
        ("AA", 925_000),
        ("AAA", 950_000),
        ("S", 975_000),
        ("S+", 990_000),
        ("SS", 1_000_000),
        ("SS+", 1_005_000),
        ("SSS", 1_007_500),
        ("SSS+", 1_009_000),
    )
)

DIFFICULTIES = {
    "BASIC": "B",
    "ADVANCED": "A",
    "EXPERT": "E",
    "MASTER": "M",
    "ULTIMA": "U",
}

VERSIONS = {
    "paradiselost": "PARADISE LOST",
    "new": "NEW",
    "newplus": "NEW PLUS",
    "sun": "SUN",
    "sun-intl": "SUN International",
    "sun-omni": "SUN Omnimix",
    "sunplus": "SUN PLUS",
    "sunplus-intl": "SUN PLUS International",
    "sunplus-omni": "SUN PLUS Omnimix",
    "luminous": "LUMINOUS",
    "luminous-intl": "LUMINOUS International",
    "luminous-omni": "LUMINOUS Omnimix",
    "luminousplus": "LUMINOUS PLUS",
    "luminousplus-intl": "LUMINOUS PLUS International",
    "luminousplus-omni": "LUMINOUS PLUS Omnimix",
    "verse": "VERSE",
    "verse-intl": "VERSE International",
    "verse-omni": "VERSE Omnimix",
    "xverse": "X-VERSE",
    "xverse-intl": "X-VERSE International",
    "xverse-omni": "X-VERSE Omnimix",
}

COLOUR = derived(
    "naiveRating",
    (
        ("BLUE", 0, "青", "Blue: 0 - 1.99 Rating"),
        ("GREEN", 2, "緑", "Green: 2 - 3.99 Rating"),
        ("ORANGE", 4, "橙", "Orange: 4 - 6.99 Rating"),
        ("RED", 7, "赤", "Red: 7 - 9.99 Rating"),
        ("PURPLE", 10, "紫", "Purple: 10 - 11.99 Rating"),
        ("COPPER", 12, "銅", "Copper: 12 - 13.24 Rating"),
        ("SILVER", 13.25, "銀", "Silver: 13.25 - 14.49 Rating"),
        ("GOLD", 14.5, "金", "Gold: 14.50 - 15.24 Rating"),
        ("PLATINUM", 15.25, "鉑", "Platinum: 15.25 - 15.99 Rating"),
        ("RAINBOW", 16, "虹★", "Rainbow I: >=16 Rating"),
        ("RAINBOW_II", 16.25, "虹★★", "Rainbow II: >=16.25 Rating"),
        ("RAINBOW_III", 16.5, "虹★★★", "Rainbow III: >=16.5 Rating"),
        ("RAINBOW_IV", 16.75, "虹★★★★", "Rainbow IV: >=16.75 Rating"),
        ("RAINBOW_EX_I", 17, "虹(極)★", "Rainbow Extreme I: >=17 Rating"),
        ("RAINBOW_EX_II", 17.25, "虹(極)★★", "Rainbow Extreme II: >=17.25 Rating"),
        ("RAINBOW_EX_III", 17.5, "虹(極)★★★", "Rainbow Extreme III: >=17.5 Rating"),
    ),
    minimum_relevant="RAINBOW",
    minimum_scores=50,
    named_by_hover=True,
)

COURSE_CLASSES = provided(
    ("DAN_I", "I", "Class I"),
    ("DAN_II", "II", "Class II"),
    ("DAN_III", "III", "Class III"),
    ("DAN_IV", "IV", "Class IV"),
    ("DAN_V", "V", "Class V"),
    ("DAN_INFINITE", "∞", "Infinite Class"),
    named_by_hover=True,
)


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def rating(score_data: ScoreData, chart: Chart) -> float:
    """The rating of a single play, in hundredths rounded down; never negative.

    The level times a hundred is deliberately not rounded: rounding errors of binary
    floats make nine levels (9.2, for one) rate 0.01 low at some scores, and the
    original's ratings are to be reproduced.
    Raises Impossible outside 0 to 1,010,000 or for a negative level.
    """
    score, level = number_between(score_data, "score", 0, PERFECT), level_of(chart)
    curve = next(curve for lowest, curve in _CURVE if score >= lowest)
    return max(floor(curve(score, level * 100)) / 100, 0)


#: From which score, and the hundredths for it: s is the score, b the level times 100.
_CURVE: tuple[tuple[int, Callable[[float, float], float]], ...] = (
    (1_009_000, lambda s, b: b + 215),
    (1_007_500, lambda s, b: b + 200 + (s - 1_007_500) / 100),
    (1_005_000, lambda s, b: b + 150 + ((s - 1_005_000) * 10) / 500),
    (1_000_000, lambda s, b: b + 100 + ((s - 1_000_000) * 5) / 500),
    (975_000, lambda s, b: b + ((s - 975_000) * 2) / 500),
    (900_000, lambda s, b: b - 500 + ((s - 900_000) * 2) / 300),
    (
        800_000,
        lambda s, b: (b - 500) / 2 + ((s - 800_000) * ((b - 500) / 2)) / 100_000,
    ),
    (500_000, lambda s, b: (((b - 500) / 2) * (s - 500_000)) / 300_000),
    (0, lambda s, b: 0),
)


def note_lamp_fits_score(score_data: ScoreData, chart: Chart) -> Problem | None:
    """ALL JUSTICE CRITICAL is 1,010,000 and nothing else is; the first violation."""
    lamp, score = score_data["noteLamp"], compared(score_data["score"])
    critical = lamp == "ALL JUSTICE CRITICAL"
    if critical and score != PERFECT:
        return Problem(
            "ajc-requires-1010000",
            "Cannot have an ALL JUSTICE CRITICAL without a perfect score.",
        )
    if not critical and score == PERFECT:
        return Problem(
            "1010000-requires-ajc",
            "Cannot have a perfect score without an ALL JUSTICE CRITICAL.",
        )
    if lamp == "ALL JUSTICE" and score < 1_000_000:
        return Problem(
            "aj-below-1000000",
            "Cannot have an ALL JUSTICE with a score below 1 million.",
        )
    if lamp == "FULL COMBO" and score < 500_000:
        return Problem(
            "fc-below-500000", "Cannot have a FULL COMBO with a score below 500K."
        )
    return None


_FORBIDDEN = {
    "ALL JUSTICE CRITICAL": (
        ("justice", "attack", "miss"),
        Problem(
            "ajc-with-other-judgements",
            "Cannot have an ALL JUSTICE CRITICAL with any non-jcrit judgements.",
        ),
    ),
    "ALL JUSTICE": (
        ("attack", "miss"),
        Problem(
            "aj-with-attack-or-miss",
            "Cannot have an ALL JUSTICE with any attacks or misses.",
        ),
    ),
    "FULL COMBO": (
        ("miss",),
        Problem("fc-with-miss", "Cannot have a FULL COMBO with any misses."),
    ),
}


def note_lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A missing judgement counts nothing."""
    return forbidden_judgements(_FORBIDDEN, score_data, "noteLamp")


def combo_is_unbroken(score_data: ScoreData, chart: Chart) -> Problem | None:
    """With a combo lamp the longest combo is every note; needs it and all four."""
    combo = section(score_data, "optional").get("maxCombo")
    counts = all_judged(score_data, "jcrit", "justice", "attack", "miss")
    if score_data["noteLamp"] == "NONE" or combo is None or counts is None:
        return None
    if combo == sum(counts):
        return None
    return Problem(
        "combo-lamp-maxcombo-mismatch",
        f"Cannot have a {score_data['noteLamp']} without a combo of every note.",
    )


def clear_lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """The harder clears limit the notes that are no jcrit; needs all three counts."""
    lamp = score_data["clearLamp"]
    counts = all_judged(score_data, "attack", "justice", "miss")
    if counts is None:
        return None
    lost, misses = sum(counts), counts[-1]
    for name, article, limit in _CLEAR_LIMITS:
        if lamp == name and lost >= limit:
            return Problem(
                f"{name.lower()}-{limit}-or-more-non-jcrit",
                f"Cannot have {article} {name} clear with {limit} or more "
                "non-jcrit judgements.",
            )
    if lamp == "HARD" and lost >= 300 and misses >= 20:
        return Problem(
            "hard-300-non-jcrit-and-20-miss",
            "Cannot have a HARD clear with 300 or more non-jcrit judgements "
            "and 20 or more misses.",
        )
    return None


_CLEAR_LIMITS = (("CATASTROPHY", "a", 10), ("ABSOLUTE", "an", 50), ("BRAVE", "a", 150))

SINGLE = Game(
    name="chunithm",
    playtype="Single",
    playtypes=("Single",),
    title="CHUNITHM",
    display_name="CHUNITHM",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "noteLamp": enum("Combo/note lamp.", "FULL COMBO", *NOTE_LAMPS),
        "clearLamp": enum("Clear lamp.", "CLEAR", *CLEAR_LAMPS),
    },
    derived={"grade": enum("Grade.", "A", *GRADES.names)},
    optional={
        **TIMING,
        "scoreGraph": graph("Projected score per second.", between(0, PERFECT)),
        "lifeGraph": graph("Life value per second.", between(0, 999)),
    },
    derivers={"grade": grade},
    relations=(
        note_lamp_fits_score,
        note_lamp_fits_judgements,
        combo_is_unbroken,
        clear_lamp_fits_judgements,
    ),
    judgements=("jcrit", "justice", "attack", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="MASTER",
    versions=VERSIONS,
    match_types=("inGameID", "songTitle", "tachiSongID"),
    default_metric="score",
    default_enum="grade",
    score_ratings={"rating": ScoreRating("In-game single-play rating.", rating)},
    session_ratings={
        "naiveRating": SessionRating(
            "Mean of the session's 10 highest ratings.", "rating"
        )
    },
    profile_ratings={
        "naiveRating": floored_mean_of_best(
            "50 highest ratings, averaged over 50; new/old split not modelled.",
            "rating",
            50,
            units=100,
        )
    },
    default_ratings=DefaultRatings(
        score="rating", session="naiveRating", profile="naiveRating"
    ),
    classes={"colour": COLOUR, "dan": COURSE_CLASSES, "emblem": COURSE_CLASSES},
    mergers=(
        Merger("Best Note Lamp", "enumIndexes.noteLamp", copies=("noteLamp",)),
        Merger("Best Clear Lamp", "enumIndexes.clearLamp", copies=("clearLamp",)),
    ),
    ranked_by=("score", "enumIndexes.noteLamp", "enumIndexes.clearLamp"),
    song_data=schema.document(
        genre=schema.string(),
        displayVersion=schema.string(),
        duration=schema.number().or_absent(),
    ),
    chart_data=schema.document(inGameID=schema.integer(minimum=0)),
)

GAMES = (SINGLE,)
