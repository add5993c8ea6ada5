"""PMS: nine buttons, on a controller or a keyboard."""

from scores.games.formulas.be_music import (
    CHART_DATA,
    DERIVED,
    GAUGE,
    MERGERS,
    OPTIONAL,
    PROVIDED,
    RANDOM,
    SONG_DATA,
    dans,
    difficulty_text,
    sieglinde_ratings,
    sieglinde_text,
)
from scores.games.formulas.ex_score import DERIVERS, GRADES, score_is_its_judgements
from scores.rules import schema
from scores.rules.classes import provided
from scores.rules.game import Game

DAN = provided(
    *dans("INSANE", "●", "Insane", range(1, 11)),
    ("INSANE_KAIDEN", "●●", "Insane Kaiden"),
    ("OVERJOY", "●OJ", "Overjoy"),
    ("UNDEFINED", "●UNDF", "Undefined (Post-Overjoy)"),
    named_by_hover=True,
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
        # It needs a pgreat, which PMS calls cool: as in the original, it never fires.
        relations=(score_is_its_judgements,),
        judgements=("cool", "great", "good", "bad", "poor"),
        grades=GRADES,
        difficulties=("CHART",),
        default_difficulty="CHART",
        versions={},
        match_types=("bmsChartHash", "tachiSongID"),
        default_metric="percent",
        default_enum="lamp",
        **sieglinde_ratings(sieglinde_text("○", "●")),
        classes={"dan": DAN},
        mergers=MERGERS,
        difficulty_text=difficulty_text,
        song_data=SONG_DATA,
        chart_data=schema.document(CHART_DATA),
        score_meta=schema.document(
            random=RANDOM.or_absent(),
            client=schema.one_of("beatoraja").or_absent(),
            gauge=GAUGE.or_absent(),
        ),
    )


CONTROLLER = _playtype("Controller")
KEYBOARD = _playtype("Keyboard")

GAMES = (CONTROLLER, KEYBOARD)
