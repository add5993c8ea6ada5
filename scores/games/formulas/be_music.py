"""What the be-music games share, and the simulators they are played in."""

from collections.abc import Callable, Iterable
from typing import TypedDict

from scores.games.formulas import ex_score
from scores.games.formulas.tables import TABLE_FOLDERS, levels_in_tables
from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.charts import Chart
from scores.rules.display import GameNames
from scores.rules.game import DefaultRatings
from scores.rules.javascript import number_text, percent, to_fixed
from scores.rules.metrics import Metric, decimal, enum, graph, integer
from scores.rules.ranges import POSITIVE, between
from scores.rules.ratings import (
    ProfileRating,
    ScoreRating,
    SessionRating,
    mean_of_best,
)
from scores.rules.score_data import ScoreData, number_or_none

LAMPS = (
    "NO PLAY",
    "FAILED",
    "ASSIST CLEAR",
    "EASY CLEAR",
    "CLEAR",
    "HARD CLEAR",
    "EX HARD CLEAR",
    "FULL COMBO",
)

PERCENT = between(0, 100)


def _count(description: str) -> Metric:
    return integer(description, POSITIVE, text=number_text)


PROVIDED = {
    "score": integer("Score value.", ex_score.score_in_range, text=number_text),
    "lamp": enum("Clear type.", "EASY CLEAR", *LAMPS),
}

DERIVED = {"grade": ex_score.DERIVED["grade"], "percent": ex_score.DERIVED["percent"]}

OPTIONAL = {
    **TIMING,
    "bp": _count("Bads plus poors."),
    "gauge": decimal("Gauge percentage left at the end.", PERCENT, text=percent(2)),
    "gaugeHistory": graph(
        "Gauge percentage over time; null/absent after death.", PERCENT
    ),
    "gaugeHistoryEasy": graph("Easy gauge history.", PERCENT),
    "gaugeHistoryGroove": graph("Groove gauge history.", PERCENT),
    "gaugeHistoryHard": graph("Hard gauge history.", PERCENT),
    "epg": _count("Early pgreats."),
    "egr": _count("Early greats."),
    "egd": _count("Early goods."),
    "ebd": _count("Early bads."),
    "epr": _count("Early poors."),
    "lpg": _count("Late pgreats."),
    "lgr": _count("Late greats."),
    "lgd": _count("Late goods."),
    "lbd": _count("Late bads."),
    "lpr": _count("Late poors."),
}

#: The gauge comes from the play of the best lamp; none where that play has none.
MERGERS = (
    Merger(
        "Best Lamp",
        "enumIndexes.lamp",
        copies=(
            "lamp",
            "optional.gauge",
            "optional.gaugeHistory",
            "optional.gaugeHistoryEasy",
            "optional.gaugeHistoryGroove",
            "optional.gaugeHistoryHard",
        ),
    ),
    Merger("Lowest BP", "optional.bp", copies=("optional.bp",), smallest=True),
)

SONG_DATA = schema.document(
    genre=schema.string().or_null(),
    subtitle=schema.string().or_null(),
    subartist=schema.string().or_null(),
    tableString=schema.string().or_null(),
)

CHART_DATA = {
    "notecount": schema.integer(minimum=0),
    "hashMD5": schema.string(),
    "hashSHA256": schema.string(),
    "tableFolders": TABLE_FOLDERS,
    "sglEC": schema.number().or_null().or_absent(),
    "sglHC": schema.number().or_null().or_absent(),
}

RANDOM = schema.one_of("NONRAN", "MIRROR", "R-RANDOM", "RANDOM", "S-RANDOM")
GAUGE = schema.one_of("EASY", "NORMAL", "HARD", "EX-HARD")


def sieglinde(score_data: ScoreData, chart: Chart) -> float:
    """What clearing the chart is worth: its easy-clear or its hard-clear value.

    The values are fitted to the players of LR2 and stand in the chart's data. A hard
    clear is never worth less than an easy one; an unrated chart is worth 0.
    """
    lamp, easy = score_data.get("lamp"), number_or_none(chart.data, "sglEC") or 0
    if lamp in ("HARD CLEAR", "EX HARD CLEAR", "FULL COMBO"):
        return max(number_or_none(chart.data, "sglHC") or 0, easy)
    return easy if lamp in ("EASY CLEAR", "CLEAR") else 0


def sieglinde_text(hollow: str, filled: str) -> Callable[[float], str]:
    """ "☆12.35" below 13, "★1.00" from there: the insane tables count from 1 again."""

    def text(value: float) -> str:
        if value < 13:
            return f"{hollow}{to_fixed(value, 2)}"
        return f"{filled}{to_fixed(value - 12, 2)}"

    return text


class SieglindeRatings(TypedDict):
    """The ratings of plays, sessions and profiles, as arguments of a Game."""

    score_ratings: dict[str, ScoreRating]
    session_ratings: dict[str, SessionRating]
    profile_ratings: dict[str, ProfileRating]
    default_ratings: DefaultRatings


def sieglinde_ratings(text: Callable[[float], str]) -> SieglindeRatings:
    """All kinds of rating, written as this text."""
    return {
        "score_ratings": {
            "sieglinde": ScoreRating(
                "Clear-difficulty points: easy-clear value or hard-clear value of the "
                "chart depending on lamp.",
                sieglinde,
                text=text,
            )
        },
        "session_ratings": {
            "sieglinde": SessionRating(
                "Mean of the session's 10 highest sieglinde values.",
                "sieglinde",
                text=text,
            )
        },
        "profile_ratings": {
            "sieglinde": mean_of_best(
                "20 highest sieglinde values, summed and divided by 20.",
                "sieglinde",
                20,
                text=text,
            )
        },
        "default_ratings": DefaultRatings("sieglinde", "sieglinde", "sieglinde"),
    }


def difficulty_text(game: GameNames, chart: Chart) -> str:
    """The tables the chart is in: "★5, sl3", or "Unrated"."""
    return ", ".join(levels_in_tables(chart)) or "Unrated"


def dans(
    id_: str, mark: str, name: str, numbers: Iterable[int]
) -> list[tuple[str, str, str]]:
    """Rows of classes such as ("NORMAL_1", "☆1", "Normal 1st Dan")."""
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    return [
        (f"{id_}_{n}", f"{mark}{n}", f"{name} {n}{suffixes.get(n, 'th')} Dan")
        for n in numbers
    ]
