"""Arcaea."""

from math import floor, inf

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived, provided
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, number_text, round_half_up
from scores.rules.metrics import enum, integer
from scores.rules.problems import Problem
from scores.rules.ratings import ScoreRating, SessionRating, mean_of_best
from scores.rules.score_data import ScoreData, judged, number

#: The score for hitting every note; each note hit on the beat adds one point.
PERFECT = 10_000_000

LAMPS = ("LOST", "EASY CLEAR", "CLEAR", "HARD CLEAR", "FULL RECALL", "PURE MEMORY")

GRADES = Grades(
    (
        ("D", 0),
        ("C", 8_600_000),
        ("B", 8_900_000),
        ("A", 9_200_000),
        ("AA", 9_500_000),
        ("EX", 9_800_000),
        ("EX+", 9_900_000),
    )
)

DIFFICULTIES = {"Past": "PST", "Present": "PRS", "Future": "FTR", "Beyond": "BYD"}

VERSIONS = {"mobile": "Mobile", "switch": "Nintendo Switch"}

BADGE = derived(
    "naivePotential",
    (
        ("BLUE", 0, "Blue", "0.00 - 3.49 Potential"),
        ("GREEN", 3.5, "Green", "3.50 - 6.99 Potential"),
        ("ASH_PURPLE", 7, "Ash Purple", "7.00 - 9.99 Potential"),
        ("PURPLE", 10, "Purple", "10.00 - 10.99 Potential"),
        ("RED", 11, "Red", "11.00 - 11.99 Potential"),
        ("ONE_STAR", 12, "☆", "12.00 - 12.49 Potential"),
        ("TWO_STARS", 12.5, "☆☆", "12.50 - 12.99 Potential"),
        ("THREE_STARS", 13, "☆☆☆", ">=13.00 Potential"),
    ),
)

COURSE_BANNER = provided(
    ("PHASE_1", "Phase 1", "First Step in a New World"),
    ("PHASE_2", "Phase 2", "Swept up in a Heartbeat"),
    ("PHASE_3", "Phase 3", "Unceasing Spirit"),
    ("PHASE_4", "Phase 4", "The Eternal Realm of Light"),
    ("PHASE_5", "Phase 5", "The Brutality of Glass"),
    ("PHASE_6", "Phase 6", "In Grief and Great Delight"),
    ("PHASE_7", "Phase 7", "On Fate's Approach"),
    ("PHASE_8", "Phase 8", "The Disfigured Flow of Time"),
    ("PHASE_9", "Phase 9", "Ego's Demise"),
    ("PHASE_10", "Phase 10", "A Torrent of Light and Conflict"),
    ("PHASE_11", "Phase 11", "Radiant Genesis"),
)


def score_in_range(value: object, chart: Chart) -> Problem | None:
    """From 0 to 10,000,000 plus one point per note."""
    score, maximum = compared(value), PERFECT + number(chart.data, "notecount")
    if score < 0:
        return Problem("score-negative", "Score cannot be negative.")
    if score > maximum:
        return Problem(
            "score-over-10m-plus-notecount",
            f"Score cannot be greater than {number_text(maximum)} for this chart.",
        )
    return None


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def potential(score_data: ScoreData, chart: Chart) -> float:
    """The play potential, in hundredths rounded down; never negative.

    The level in hundredths, and 2.00 for a perfect score; 1.00 from 9,800,000 and 0.01
    for each 2,000 above; else 0.01 for each 3,000 above 9,500,000, and so much less
    below. Raises Impossible for a negative score or level; there is no upper limit.
    """
    score = number_between(score_data, "score", 0, inf)
    level = round_half_up(level_of(chart) * 100)
    if score >= PERFECT:
        hundredths = level + 200
    elif score >= 9_800_000:
        hundredths = level + 100 + floor((score - 9_800_000) / 2000)
    else:
        hundredths = level + floor((score - 9_500_000) / 3000)
    return max(hundredths / 100, 0)


def pure_memory_is_perfect(score_data: ScoreData, chart: Chart) -> Problem | None:
    """PURE MEMORY means at least 10,000,000; not the other way round."""
    if score_data["lamp"] == "PURE MEMORY" and compared(score_data["score"]) < PERFECT:
        return Problem(
            "pm-below-10m",
            "Cannot have a PURE MEMORY with a score below 10 million.",
        )
    return None


def full_recall_is_at_least_half(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A far is worth half a pure, so a FULL RECALL cannot be below half."""
    score = compared(score_data["score"])
    if score_data["lamp"] == "FULL RECALL" and score < PERFECT / 2:
        return Problem(
            "fr-below-5m", "Cannot have a FULL RECALL with a score below 5 million."
        )
    return None


def recall_is_unbroken(score_data: ScoreData, chart: Chart) -> Problem | None:
    """Nothing lost in a FULL RECALL, nor a far in a PURE MEMORY."""
    lamp = score_data["lamp"]
    if lamp == "PURE MEMORY" and judged(score_data, "far", "lost"):
        return Problem(
            "pm-with-far-or-lost",
            "Cannot have a PURE MEMORY with any fars or losts.",
        )
    if lamp == "FULL RECALL" and judged(score_data, "lost"):
        return Problem("fr-with-lost", "Cannot have a FULL RECALL with any losts.")
    return None


TOUCH = Game(
    name="arcaea",
    playtype="Touch",
    playtypes=("Touch",),
    title="Arcaea",
    display_name="Arcaea",
    provided={
        "score": integer("Score value.", score_in_range),
        "lamp": enum("Clear type.", "EASY CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "AA", *GRADES.names)},
    optional=TIMING,
    derivers={"grade": grade},
    relations=(
        pure_memory_is_perfect,
        full_recall_is_at_least_half,
        recall_is_unbroken,
    ),
    judgements=("pure", "far", "lost"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="Future",
    versions=VERSIONS,
    match_types=("inGameStrID", "songTitle", "tachiSongID"),
    default_metric="score",
    default_enum="grade",
    score_ratings={"potential": ScoreRating("In-game play potential.", potential)},
    session_ratings={
        "naivePotential": SessionRating(
            "Mean of the session's 10 highest potentials.", "potential"
        )
    },
    profile_ratings={
        "naivePotential": mean_of_best(
            "30 highest potentials averaged over 30; recent plays not considered.",
            "potential",
            30,
        )
    },
    default_ratings=DefaultRatings(
        score="potential", session="naivePotential", profile="naivePotential"
    ),
    classes={"badge": BADGE, "courseBanner": COURSE_BANNER},
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    song_data=schema.document(displayVersion=schema.string(), songPack=schema.string()),
    chart_data=schema.document(
        inGameStrID=schema.string(), notecount=schema.integer(minimum=0)
    ),
)

GAMES = (TOUCH,)
