"""USC, with controller and with keyboard: VOLFORCE on charts that anybody can make."""

from scores.games.formulas.tables import TABLE_FOLDERS, levels_in_tables
from scores.games.formulas.timing import TIMING
from scores.games.formulas.volforce import (
    GRADES,
    PERFECT,
    PROFILE_RATINGS,
    RELATIONS,
    SCORE_RATINGS,
    SESSION_RATINGS,
    VF_CLASSES,
    grade,
)
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.charts import Chart, Song
from scores.rules.display import GameNames, titled
from scores.rules.game import DefaultRatings, Game
from scores.rules.javascript import percent
from scores.rules.metrics import decimal, enum, integer
from scores.rules.ranges import between
from scores.rules.score_data import value_of

LAMPS = (
    "FAILED",
    "CLEAR",
    "EXCESSIVE CLEAR",
    "ULTIMATE CHAIN",
    "PERFECT ULTIMATE CHAIN",
)

DIFFICULTIES = ("NOV", "ADV", "EXH", "INF")

SHORT_PLAYTYPES = {"Controller": "CON", "Keyboard": "KB"}


def short_difficulty_text(game: GameNames, chart: Chart) -> str:
    """ "CON EXH 17", "KB EXH 17"."""
    return f"{SHORT_PLAYTYPES[game.playtype]} {chart.difficulty} {chart.level}"


def chart_text(game: GameNames, song: Song, chart: Chart, short: bool = False) -> str:
    """ "Title (Keyboard EXH 17, ★5, sl3)": its levels in tables, after its own.

    The level of an unofficial chart is its author's opinion and is not shown.
    """
    official = value_of(chart.data, "isOfficial") is True
    levels = [*((chart.level,) if official else ()), *levels_in_tables(chart)]
    difficulty = f"{game.playtype} {chart.difficulty} {', '.join(levels)}"
    return titled(song, chart, difficulty)


def _playtype(playtype: str, display_name: str) -> Game:
    return Game(
        name="usc",
        playtype=playtype,
        playtypes=("Controller", "Keyboard"),
        title="USC",
        display_name=display_name,
        provided={
            "score": integer("Score value.", between(0, PERFECT)),
            "lamp": enum("Clear type.", "CLEAR", *LAMPS),
        },
        derived={"grade": enum("Grade.", "A+", *GRADES.names)},
        optional={
            **TIMING,
            "gauge": decimal(
                "Gauge percentage left at the end.", between(0, 100), text=percent(2)
            ),
        },
        derivers={"grade": grade},
        relations=RELATIONS,
        judgements=("critical", "near", "miss"),
        grades=GRADES,
        difficulties=DIFFICULTIES,
        default_difficulty="EXH",
        versions={},
        match_types=("uscChartHash", "tachiSongID"),
        default_metric="score",
        default_enum="grade",
        score_ratings=SCORE_RATINGS,
        session_ratings=SESSION_RATINGS,
        profile_ratings=PROFILE_RATINGS,
        default_ratings=DefaultRatings(
            score="VF6", session="ProfileVF6", profile="VF6"
        ),
        classes={"vfClass": VF_CLASSES},
        mergers=(Merger("Best Lamp", "enumIndexes.lamp", copies=("lamp",)),),
        short_difficulty_text=short_difficulty_text,
        chart_text=chart_text,
        chart_data=schema.document(
            hashSHA1=schema.either(schema.array(schema.string()), schema.string()),
            isOfficial=schema.boolean(),
            effector=schema.string(),
            tableFolders=TABLE_FOLDERS,
        ),
        score_meta=schema.document(
            noteMod=schema.one_of("MIR-RAN", "MIRROR", "NORMAL", "RANDOM").or_absent(),
            gaugeMod=schema.one_of("NORMAL", "HARD", "PERMISSIVE").or_absent(),
        ),
        preferences=schema.document(vf6Target=schema.number().or_null().or_absent()),
    )


CONTROLLER = _playtype("Controller", "USC (Controller)")
KEYBOARD = _playtype("Keyboard", "USC (Keyboard/Other)")

GAMES = (CONTROLLER, KEYBOARD)
