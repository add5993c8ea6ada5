"""DanceDanceRevolution, single and double play, by the flare rules of DDR WORLD."""

from collections.abc import Sequence
from math import inf

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import above, below
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import number_text, total
from scores.rules.metrics import enum, integer
from scores.rules.problems import Impossible, Problem
from scores.rules.ranges import between
from scores.rules.ratings import ProfileRating, RatedBest, ScoreRating, SessionRating
from scores.rules.score_data import (
    ScoreData,
    all_judged,
    find,
    number,
    number_or_none,
    section,
    value_of,
)

PERFECT = 1_000_000

LAMPS = (
    "FAILED",
    "ASSIST",
    "CLEAR",
    "FULL COMBO",
    "GREAT FULL COMBO",
    "PERFECT FULL COMBO",
    "MARVELOUS FULL COMBO",
    "LIFE4",
)

#: An E is a failed play, whatever its score.
GRADES = Grades(
    (
        ("E", -inf),
        ("D", 0),
        ("D+", 550_000),
        ("C-", 590_000),
        ("C", 600_000),
        ("C+", 650_000),
        ("B-", 690_000),
        ("B", 700_000),
        ("B+", 750_000),
        ("A-", 790_000),
        ("A", 800_000),
        ("A+", 850_000),
        ("AA-", 890_000),
        ("AA", 900_000),
        ("AA+", 950_000),
        ("AAA", 990_000),
    )
)

FLARES = ("0", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "EX")

#: What a clear without flare is worth, by level from 1 to 19.
FLARE_BASES = (
    *(145, 155, 170, 185, 205, 230, 255, 290, 335, 400),
    *(465, 510, 545, 575, 600, 620, 635, 650, 665),
)

#: The songs' categories that count for a profile, and how many of each.
FLARE_CATEGORIES = ("CLASSIC", "WHITE", "GOLD")
FLARE_BEST = 30

#: Ranks with none to three plusses, and from which flare skill each begins.
FLARE_RANKS = (
    ("NONE", "NONE", (0, 500, 1000, 1500)),
    ("MERCURY", "水星 / MERCURY", (2000, 3000, 4000, 5000)),
    ("VENUS", "金星 / VENUS", (6000, 7000, 8000, 9000)),
    ("EARTH", "地球 / EARTH", (10_000, 11_500, 13_000, 14_500)),
    ("MARS", "火星 / MARS", (16_000, 18_000, 20_000, 22_000)),
    ("JUPITER", "木星 / JUPITER", (24_000, 26_500, 29_000, 31_500)),
    ("SATURN", "土星 / SATURN", (34_000, 36_750, 39_500, 42_250)),
    ("URANUS", "天王星 / URANUS", (45_000, 48_750, 52_500, 56_250)),
    ("NEPTUNE", "海王星 / NEPTUNE", (60_000, 63_750, 67_500, 71_250)),
    ("SUN", "太陽 / SUN", (75_000, 78_750, 82_500, 86_250)),
    ("WORLD", "世界 / WORLD", (90_000,)),
)

FLARE_CLASSES = derived(
    "flareSkill",
    tuple(
        (rank + "+" * plusses, lowest, display + "+" * plusses, None)
        for rank, display, bounds in FLARE_RANKS
        for plusses, lowest in enumerate(bounds)
    ),
    minimum_relevant="URANUS",
)

DIFFICULTIES = {
    "BEGINNER": "BEG",
    "BASIC": "BAS",
    "DIFFICULT": "DIF",
    "EXPERT": "EXP",
    "CHALLENGE": "CHA",
}

VERSIONS = {
    "a": "A",
    "a20": "A20",
    "a20plus": "A20+",
    "a3": "A3",
    "konaste": "Konaste",
    "world": "World",
}


def grade(score_data: ScoreData, chart: Chart) -> str:
    """E for a failed play; otherwise by the score."""
    if score_data.get("lamp") == "FAILED":
        return "E"
    return GRADES.of(number(score_data, "score"))


def flare_skill(score_data: ScoreData, chart: Chart) -> int:
    """floor(base * (100 + 6 * flare) / 100) by the chart's level; 0 for a failed play.

    The flare is 0 to 10 for none to EX; the score does not matter. Raises Impossible
    for an unknown flare (a negative value: its index would be -1) and for anything but
    a whole level from 1 to 19.
    """
    if score_data.get("lamp") == "FAILED":
        return 0
    level, flare = chart.level_num, section(score_data, "optional").get("flare") or "0"
    if level <= 0:
        raise Impossible("value-not-positive", "Level cannot be 0 or below.")
    if not level <= len(FLARE_BASES):  # NaN neither.
        raise above("level", len(FLARE_BASES))
    if flare not in FLARES:
        raise below("flare", 0)
    if level != int(level):
        raise Impossible("value-not-an-integer", f"There is no level {level}.")
    return FLARE_BASES[int(level) - 1] * (100 + 6 * FLARES.index(flare)) // 100


def flare_skill_of_profile(bests: Sequence[RatedBest]) -> float | None:
    """The sum of the 30 highest in each of three categories, on primary charts.

    None without any best; songs of no category count only for that.
    """
    primary = [best for best in bests if best.chart.is_primary]
    places = dict.fromkeys(FLARE_CATEGORIES, FLARE_BEST)
    counted = []
    for best in primary:
        category = value_of(best.song.data, "flareCategory")
        if isinstance(category, str) and places.get(category):
            places[category] -= 1
            counted.append(best.value)
    return total(counted) if primary else None


def score_is_its_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """Every step is worth the same share of a million, less 10 for each not marvelous.

    A GREAT is worth 3/5 and a GOOD 1/5 of a step; an OK counts as a step; what is over
    ten is cut off. Needs all six judgements and a chart that tells its steps; a failed
    play may have ended anywhere.
    """
    steps = number_or_none(chart.data, "stepCount")
    counts = all_judged(
        score_data, "MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS", "OK"
    )
    if score_data["lamp"] == "FAILED" or not steps or counts is None:
        return None
    marvelous, perfect, great, good, _, ok = counts
    points, maximum = 5 * (marvelous + perfect + ok) + 3 * great + good, 5 * steps
    lost = (perfect + great + good) * maximum
    expected = (points * 100_000 - lost) // maximum * 10
    if score_data["score"] == expected:
        return None
    return Problem(
        "score-does-not-match-judgements",
        f"Expected the judgements to make a score of {number_text(expected)}.",
    )


#: How many of MISS, GOOD, GREAT, PERFECT a lamp rules out, and how that is said.
_FORBIDDEN = {
    "FULL COMBO": (1, "fc-with-miss", "misses"),
    "GREAT FULL COMBO": (2, "gfc-with-miss-or-good", "misses or goods"),
    "PERFECT FULL COMBO": (
        *(3, "pfc-with-miss-good-or-great"),
        "misses, goods or greats",
    ),
    "MARVELOUS FULL COMBO": (4, "mfc-with-non-marvelous", "non-marvelous judgements"),
}


def combo_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """The better the combo, the more judgements it rules out; needs all five.

    LIFE4 is not checked.
    """
    ruled_out = find(_FORBIDDEN, score_data, "lamp")
    counts = all_judged(score_data, "MISS", "GOOD", "GREAT", "PERFECT", "MARVELOUS")
    if ruled_out is None or counts is None:
        return None
    worst, code, named = ruled_out
    if not any(counts[:worst]):
        return None
    return Problem(code, f"Cannot have a {score_data['lamp']} with any {named}.")


def ex_score_is_its_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """3 * (MARVELOUS + OK) + 2 * PERFECT + GREAT; needs these and the EX score."""
    ex_score = section(score_data, "optional").get("exScore")
    counts = all_judged(score_data, "MARVELOUS", "OK", "PERFECT", "GREAT")
    if ex_score is None or counts is None:
        return None
    marvelous, ok, perfect, great = counts
    expected = 3 * marvelous + 3 * ok + 2 * perfect + great
    if ex_score == expected:
        return None
    return Problem(
        "ex-score-does-not-match-judgements",
        f"Expected the judgements to make an EX Score of {number_text(expected)}.",
    )


def _playtype(playtype: str) -> Game:
    return Game(
        name="ddr",
        playtype=playtype,
        playtypes=("SP", "DP"),
        title="DDR",
        display_name=f"DDR ({playtype})",
        provided={
            "score": integer("Score value.", between(0, PERFECT)),
            "lamp": enum("Clear type.", "CLEAR", *LAMPS),
        },
        derived={"grade": enum("Grade.", "D", *GRADES.names)},
        optional={
            "flare": enum("Flare rank; missing counts as 0.", "0", *FLARES),
            "exScore": integer(
                "EX score (optional; also identifies the score).",
                part_of_score_id=True,
            ),
            **TIMING,
        },
        derivers={"grade": grade},
        relations=(
            score_is_its_judgements,
            combo_fits_judgements,
            ex_score_is_its_judgements,
        ),
        judgements=("MARVELOUS", "PERFECT", "GREAT", "GOOD", "MISS", "OK"),
        grades=GRADES,
        difficulties=tuple(DIFFICULTIES),
        difficulty_shorthand=DIFFICULTIES,
        default_difficulty="EXPERT",
        versions=VERSIONS,
        match_types=("inGameID", "songTitle", "tachiSongID", "ddrSongHash"),
        default_metric="score",
        default_enum="lamp",
        score_ratings={
            "flareSkill": ScoreRating(
                "DDR World flare points of the play.", flare_skill, text=number_text
            )
        },
        session_ratings={
            "flareSkill": SessionRating(
                "Mean of the session's 10 highest flareSkill values.",
                "flareSkill",
                text=number_text,
            )
        },
        profile_ratings={
            "flareSkill": ProfileRating(
                "Sum of the 30 highest flare values in each of the CLASSIC, WHITE and "
                "GOLD song categories.",
                flare_skill_of_profile,
                over_all="flareSkill",
                text=number_text,
            )
        },
        default_ratings=DefaultRatings("flareSkill", "flareSkill", "flareSkill"),
        classes={"flare": FLARE_CLASSES},
        mergers=(
            Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),
            Merger("Best Score", "score", copies=("score", "grade")),
            Merger("Best EX Score", "optional.exScore", copies=("optional.exScore",)),
        ),
        song_data=schema.document(
            inGameID=schema.integer(minimum=0),
            flareCategory=schema.one_of(*FLARE_CATEGORIES, "NONE"),
            basename=schema.string().or_absent(),
            ddrSongHash=schema.string().or_absent(),
        ),
        chart_data=schema.document(
            inGameID=schema.integer(minimum=0),
            stepCount=schema.integer(minimum=0).or_absent(),
        ),
    )


SP = _playtype("SP")
DP = _playtype("DP")

GAMES = (SP, DP)
