"""In The Groove, as the stamina scene plays it."""

from math import ceil, inf
from typing import cast

from scores.games.formulas.lamps import forbidden_judgements
from scores.games.formulas.streams import fastest_stream
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import number_between
from scores.rules.charts import Chart, Song
from scores.rules.display import GameNames
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import compared, fixed, number_text, percent, to_fixed
from scores.rules.metrics import decimal, enum, graph
from scores.rules.problems import Impossible, Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, sum_of_best
from scores.rules.score_data import (
    ScoreData,
    array,
    number,
    number_or_none,
    text,
    value_of,
)

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "FULL EXCELLENT COMBO", "QUAD", "QUINT")

#: An F is a failed play, whatever its score.
GRADES = Grades(
    (
        ("F", -inf),
        ("D", 0),
        ("C", 55),
        ("B", 68),
        ("A", 80),
        ("S", 89),
        ("★", 96),
        ("★★", 98),
        ("★★★", 99),
        ("★★★★", 100),
    )
)

JUDGEMENTS = (
    *("fantastic+", "fantastic", "excellent"),
    *("great", "decent", "wayoff", "miss"),
)

#: Slower streams are not worth a rating, in beats per minute.
SLOWEST_STREAM = 100

PERCENT = between(0, 100)
WHOLE = fixed(0)


def final_text(value: float) -> str:
    """ "Died 62.50% in", "Cleared with 97.31%"."""
    if value < 100:
        return f"Died {to_fixed(value, 2)}% in"
    return f"Cleared with {to_fixed(value - 100, 2)}%"


def grade(score_data: ScoreData, chart: Chart) -> str:
    """F for a failed play; otherwise by the score."""
    if score_data.get("lamp") == "FAILED":
        return "F"
    return GRADES.of(number(score_data, "scorePercent"))


def final_percent(score_data: ScoreData, chart: Chart) -> float:
    """How far a failed play got; 100 and the score for any other.

    Any clear is above any fail. The lamp says which it is: a player can fail at 100%.
    """
    if score_data.get("lamp") == "FAILED":
        return number(score_data, "survivedPercent")
    return 100 + number(score_data, "scorePercent")


def block_rating(score_data: ScoreData, chart: Chart) -> float | None:
    """The chart's ranked level; None for a failed play or an unranked chart."""
    if score_data.get("lamp") == "FAILED":
        return None
    return number_or_none(chart.data, "rankedLevel")


def fastest_32(score_data: ScoreData, chart: Chart) -> float | None:
    """The fastest stream of 32 measures in what was played, in beats per minute.

    Four sixteenths to a beat: notes per second * 60 / 4. A failed play counts up to the
    measure it ended in. None below 100. Raises Impossible for a chart whose two lists
    of measures are not equally long, and for a failed play outside 0 to 100 percent.
    """
    speeds = cast(list[float], array(chart.data, "npsPerMeasure"))
    notes = cast(list[float], array(chart.data, "notesPerMeasure"))
    if len(speeds) != len(notes):
        raise Impossible("array-lengths-differ", "The chart's measures do not agree.")
    if score_data.get("lamp") == "FAILED":
        survived = number_between(score_data, "survivedPercent", 0, 100)
        played = ceil(survived / 100 * len(notes))
        speeds, notes = speeds[:played], notes[:played]
    try:
        tempo = fastest_stream(speeds, notes) * 60 / 4
    except TypeError:  # Looking at each first would cost more than this.
        raise Impossible("value-not-a-number", "A measure is not a number.") from None
    return tempo if tempo >= SLOWEST_STREAM else None


def clear_survives(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A clear has survived 100 percent."""
    survived = compared(score_data["survivedPercent"])
    if score_data["lamp"] != "FAILED" and survived < 100:
        return Problem(
            "clear-with-survived-below-100",
            "Cannot have a clear with a survived percent below 100.",
        )
    return None


_FORBIDDEN = {
    "QUINT": (
        JUDGEMENTS[1:],
        Problem(
            "quint-with-non-fantastic-plus",
            "Cannot have a QUINT with any judgements but fantastic+.",
        ),
    ),
    "QUAD": (
        JUDGEMENTS[2:],
        Problem(
            "quad-with-excellent-or-worse",
            "Cannot have a QUAD with any excellents or worse.",
        ),
    ),
    "FULL EXCELLENT COMBO": (
        JUDGEMENTS[3:],
        Problem(
            "fec-with-great-or-worse",
            "Cannot have a FULL EXCELLENT COMBO with any greats or worse.",
        ),
    ),
    "FULL COMBO": (
        JUDGEMENTS[4:],
        Problem(
            "fc-with-decent-or-worse",
            "Cannot have a FULL COMBO with any decents or worse.",
        ),
    ),
}


def lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """A missing judgement counts nothing; the score itself is tied to no lamp."""
    return forbidden_judgements(_FORBIDDEN, score_data, "lamp")


def difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "Expert 20 (Zaia)", by the ranked level; "UNRANKED Expert 19 (Zaia)" else."""
    tag, charter = text(chart.data, "difficultyTag"), text(chart.data, "charter")
    ranked = number_or_none(chart.data, "rankedLevel")
    if ranked is None:
        level = number_text(number(chart.data, "chartLevel"))
        return f"UNRANKED {tag} {level} ({charter})"
    return f"{tag} {number_text(ranked)} ({charter})"


def short_difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "SExpert 16": S for stamina, and the chart's own level."""
    level = number_text(number(chart.data, "chartLevel"))
    return f"{game.playtype[0]}{text(chart.data, 'difficultyTag')} {level}"


def chart_text(game: GameNames, song: Song, chart: Chart, short: bool = False) -> str:
    """ "Title (subtitle) Expert 20"; "Expert 19?" for an unranked chart."""
    subtitle = value_of(song.data, "subtitle")
    title = f"{song.title} {subtitle}" if subtitle else song.title
    ranked = number_or_none(chart.data, "rankedLevel")
    if ranked is None:
        level = f"{number_text(number(chart.data, 'chartLevel'))}?"
    else:
        level = number_text(ranked)
    return f"{title} {text(chart.data, 'difficultyTag')} {level}"


STAMINA = Game(
    name="itg",
    playtype="Stamina",
    playtypes=("Stamina",),
    title="ITG",
    display_name="ITG",
    provided={
        "scorePercent": decimal(
            "Dance-point percentage, negatives unsupported.", PERCENT, text=percent(2)
        ),
        "survivedPercent": decimal(
            "How far into the chart the player survived.", PERCENT, text=percent(2)
        ),
        "lamp": enum("Clear type.", "FAILED", *LAMPS),
    },
    derived={
        "grade": enum("Grade.", "A", *GRADES.names),
        "finalPercent": decimal(
            "survivedPercent on a fail, otherwise 100 + scorePercent.",
            between(0, 200),
            text=final_text,
        ),
    },
    optional={"lifebarHistory": graph("Life bar over time.", PERCENT)},
    derivers={"grade": grade, "finalPercent": final_percent},
    relations=(clear_survives, lamp_fits_judgements),
    judgements=JUDGEMENTS,
    grades=GRADES,
    difficulties=None,
    default_difficulty=None,
    versions={},
    match_types=("itgChartHash",),
    default_metric="finalPercent",
    default_enum="lamp",
    score_ratings={
        "blockRating": ScoreRating(
            "Ranked block level credited for clearing the chart.",
            block_rating,
            text=WHOLE,
        ),
        "fastest32": ScoreRating(
            "Fastest stream BPM held for 32 measures in a row within this play.",
            fastest_32,
            text=WHOLE,
        ),
    },
    session_ratings={
        "blockRating": SessionRating(
            "Mean of the session's 5 highest block ratings.",
            "blockRating",
            n=5,
            text=WHOLE,
        )
    },
    profile_ratings={
        "highestBlock": sum_of_best(
            "Highest block level cleared.", "blockRating", 1, text=WHOLE
        ),
        "fastest32": sum_of_best(
            "Highest fastest32 value.", "fastest32", 1, text=WHOLE
        ),
    },
    default_ratings=DefaultRatings("blockRating", "blockRating", "highestBlock"),
    classes={},
    base_name="Best Result",
    mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
    difficulty_text=difficulty_text,
    short_difficulty_text=short_difficulty_text,
    chart_text=chart_text,
    song_data=schema.document(subtitle=schema.string().or_null()),
    chart_data=schema.document(
        rankedLevel=schema.number().or_null(),
        chartLevel=schema.number(),
        hashGSv3=schema.string(),
        difficultyTag=schema.one_of(
            "Beginner", "Easy", "Medium", "Hard", "Expert", "Edit"
        ),
        length=schema.number(above=0),
        charter=schema.string(),
        streamBPM=schema.number().or_null(),
        breakdown=schema.document(
            detailed=schema.string(),
            partiallySimplified=schema.string(),
            simplified=schema.string(),
            total=schema.string(),
            density=schema.number(),
        ).or_null(),
        npsPerMeasure=schema.array(schema.number(minimum=0)),
        notesPerMeasure=schema.array(schema.number(minimum=0)),
        bannerLocationOverride=schema.string().or_null(),
        originalPack=schema.string(),
        packs=schema.array(schema.string()),
    ),
)

GAMES = (STAMINA,)
