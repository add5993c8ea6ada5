"""EX score: two points for each best judgement, one for the next: IIDX, BMS, PMS."""

from math import inf, nan

from scores.rules.charts import Chart
from scores.rules.game import Deriver
from scores.rules.grades import Grades
from scores.rules.javascript import compared, number_text, percent, text
from scores.rules.metrics import decimal, enum
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.score_data import ScoreData, all_judged, number

#: Ninths of the maximum, multiplied before they are divided: then an EX score exactly
#: on a ninth is equal to its bound.
GRADES = Grades(
    (
        ("F", 0),
        ("E", (100 * 2) / 9),
        ("D", (100 * 3) / 9),
        ("C", (100 * 4) / 9),
        ("B", (100 * 5) / 9),
        ("A", (100 * 6) / 9),
        ("AA", (100 * 7) / 9),
        ("AAA", (100 * 8) / 9),
        ("MAX-", (100 * 17) / 18),
        ("MAX", 100),
    )
)

DERIVED = {
    "percent": decimal("Percentage.", between(0, 100), text=percent(2)),
    "grade": enum("Grade.", "A", *GRADES.names),
}


def percent_of_maximum(score_data: ScoreData, chart: Chart) -> float:
    """100 * score / (2 * notes), not rounded; without notes as JavaScript divides.

    So it is infinite or NaN there, and `Game.derive` finds it Impossible.
    """
    score = number(score_data, "score")
    maximum = 2 * number(chart.data, "notecount")
    if maximum:
        return (100 * score) / maximum
    return inf if score > 0 else -inf if score < 0 else nan


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the percentage; raises Impossible for 0 of a chart without notes."""
    return GRADES.of(percent_of_maximum(score_data, chart))


DERIVERS: dict[str, Deriver] = {"percent": percent_of_maximum, "grade": grade}


def score_in_range(value: object, chart: Chart) -> Problem | None:
    """From 0 to twice the number of notes."""
    score, maximum = compared(value), 2 * number(chart.data, "notecount")
    if score < 0:
        return Problem(
            "ex-score-negative",
            f"EX Score must be non-negative. Got {number_text(score)}",
        )
    if score > maximum:
        return Problem(
            "ex-score-over-2x-notecount",
            f"EX Score cannot be greater than {number_text(maximum)} for this chart.",
        )
    return None


def score_is_its_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """2 * pgreat + great is the score; needs both."""
    counts = all_judged(score_data, "pgreat", "great")
    score = score_data["score"]
    if counts is None or counts[0] * 2 + counts[1] == score:
        return None
    return Problem(
        "judgements-do-not-add-up-to-ex-score",
        f"Expected PGreat*2 + Great to equal EX score. Got {counts[0]}*2 + {counts[1]} "
        f"but that wasn't equal to the EX score of {text(score)}.",
    )
