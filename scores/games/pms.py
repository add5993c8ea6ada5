"""PMS: nine buttons, on a controller or a keyboard."""

from scores.games.base import DefaultRatings, Game
from scores.games.be_music import (
    CHART_DATA,
    GAUGE,
    MERGERS,
    OPTIONAL,
    PROFILE_RATINGS,
    PROVIDED,
    RANDOM,
    SCORE_RATINGS,
    SESSION_RATINGS,
    SONG_DATA,
    dans,
    difficulty_text,
)
from scores.games.classes import provided
from scores.games.ex_score import DERIVED, DERIVERS, GRADES
from scores.games.schema import document, one_of

DAN = provided(
    *dans("INSANE", "●", "Insane", range(1, 11)),
    ("INSANE_KAIDEN", "●●", "Insane Kaiden"),
    ("OVERJOY", "●OJ", "Overjoy"),
    ("UNDEFINED", "●UNDF", "Undefined (Post-Overjoy)"),
)


def _playtype(playtype: str) -> Game:
    return Game(
        name="pms",
        playtype=playtype,
        playtypes=("Controller", "Keyboard"),
        title="PMS",
        display_name=f"PMS ({playtype})",
        provided=PROVIDED,
        derived=DERIVED,
        optional=OPTIONAL,
        derivers=DERIVERS,
        relations=(),
        judgements=("cool", "great", "good", "bad", "poor"),
        grades=GRADES,
        difficulties=("CHART",),
        default_difficulty="CHART",
        versions={},
        match_types=("bmsChartHash", "tachiSongID"),
        default_metric="percent",
        default_enum="lamp",
        score_ratings=SCORE_RATINGS,
        session_ratings=SESSION_RATINGS,
        profile_ratings=PROFILE_RATINGS,
        default_ratings=DefaultRatings("sieglinde", "sieglinde", "sieglinde"),
        classes={"dan": DAN},
        mergers=MERGERS,
        difficulty_text=difficulty_text,
        song_data=SONG_DATA,
        chart_data=document(CHART_DATA),
        score_meta=document(
            random=RANDOM.or_absent(),
            client=one_of("beatoraja").or_absent(),
            gauge=GAUGE.or_absent(),
        ),
    )


CONTROLLER = _playtype("Controller")
KEYBOARD = _playtype("Keyboard")

GAMES = (CONTROLLER, KEYBOARD)
