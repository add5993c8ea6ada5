"""MÚSECA."""

from math import floor

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, fixed
from scores.rules.metrics import enum, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import ScoreData, judged, number

PERFECT = 1_000_000
CLEARED = 800_000

LAMPS = ("FAILED", "CLEAR", "CONNECT ALL", "PERFECT CONNECT ALL")

GRADES = Grades(
    (
        ("没", 0),
        ("拙", 600_000),
        ("凡", 700_000),
        ("佳", CLEARED),
        ("良", 850_000),
        ("優", 900_000),
        ("秀", 950_000),
        ("傑", 975_000),
        ("傑G", PERFECT),
    )
)

DIFFICULTIES = {"Green": "G", "Yellow": "Y", "Red": "R"}

VERSIONS = {"1.5": "1 + 1/2", "1.5-b": "1 + 1/2 Rev. B"}


def lamp_of(score: int, misses: int) -> str:
    """The lamp for sources that do not send one.

    No misses make a CONNECT ALL even below the border of a clear; validation rejects
    such a score.
    """
    if score == PERFECT:
        return "PERFECT CONNECT ALL"
    if misses == 0:
        return "CONNECT ALL"
    return "CLEAR" if score >= CLEARED else "FAILED"


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score alone."""
    return GRADES.of(number(score_data, "score"))


def curator_skill(score_data: ScoreData, chart: Chart) -> int:
    """floor(level * (score / 10,000)).

    Raises Impossible outside 0 to 1,000,000 or for a negative level.
    """
    score = number_between(score_data, "score", 0, PERFECT)
    return floor(level_of(chart) * (score / 10_000))


def perfect_connection_is_perfect(
    score_data: ScoreData, chart: Chart
) -> Problem | None:
    """PERFECT CONNECT ALL is 1,000,000 and nothing else is."""
    perfect_lamp = score_data["lamp"] == "PERFECT CONNECT ALL"
    perfect_score = score_data["score"] == PERFECT
    if perfect_lamp and not perfect_score:
        return Problem(
            "pca-requires-1m",
            "Cannot have a PERFECT CONNECT ALL without a perfect score.",
        )
    if perfect_score and not perfect_lamp:
        return Problem(
            "1m-requires-pca",
            "Cannot have a perfect score without a PERFECT CONNECT ALL.",
        )
    return None


def connections_are_unbroken(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No miss in a CONNECT ALL, nor a near in a perfect one."""
    lamp = score_data["lamp"]
    if lamp == "PERFECT CONNECT ALL" and judged(score_data, "near", "miss"):
        return Problem(
            "pca-with-near-or-miss",
            "Cannot have a PERFECT CONNECT ALL with any nears or misses.",
        )
    if lamp == "CONNECT ALL" and judged(score_data, "miss"):
        return Problem("ca-with-miss", "Cannot have a CONNECT ALL with any misses.")
    return None


def score_decides_clear(score_data: ScoreData, chart: Chart) -> Problem | None:
    """FAILED is everything below 800,000 and nothing from there on."""
    score, failed = compared(score_data["score"]), score_data["lamp"] == "FAILED"
    if score < CLEARED and not failed:
        return Problem(
            "below-800k-must-be-failed",
            "Cannot have a score below 800K without a FAILED.",
        )
    if score >= CLEARED and failed:
        return Problem(
            "800k-or-more-cannot-be-failed",
            "Cannot have a FAILED with a score of 800K or more.",
        )
    return None


SINGLE = Game(
    name="museca",
    playtype="Single",
    playtypes=("Single",),
    title="MÚSECA",
    display_name="MÚSECA",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
    },
    derived={"grade": enum("Grade.", "優", *GRADES.names)},
    optional=TIMING,
    derivers={"grade": grade},
    relations=(
        perfect_connection_is_perfect,
        connections_are_unbroken,
        score_decides_clear,
    ),
    judgements=("critical", "near", "miss"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="Red",
    versions=VERSIONS,
    match_types=("songTitle", "tachiSongID", "inGameID"),
    default_metric="score",
    default_enum="grade",
    score_ratings={
        "curatorSkill": ScoreRating(
            "In-game Curator Skill of the play.", curator_skill, text=fixed(0)
        )
    },
    session_ratings={
        "curatorSkill": SessionRating(
            "Mean of the session's 10 highest curatorSkills.",
            "curatorSkill",
            text=fixed(0),
        )
    },
    profile_ratings={
        "curatorSkill": sum_of_best(
            "Sum of the 20 highest curatorSkills.", "curatorSkill", 20, text=fixed(0)
        )
    },
    default_ratings=DefaultRatings(
        score="curatorSkill", session="curatorSkill", profile="curatorSkill"
    ),
    classes={},
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    song_data=schema.document(
        titleJP=schema.string(),
        artistJP=schema.string(),
        displayVersion=schema.string(),
    ),
    chart_data=schema.document(inGameID=schema.integer(minimum=0)),
)

GAMES = (SINGLE,)
