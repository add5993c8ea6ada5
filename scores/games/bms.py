"""BMS, with seven keys and with fourteen."""

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
from scores.games.formulas.tables import levels_in_tables
from scores.rules import schema
from scores.rules.charts import Chart, Song
from scores.rules.classes import ClassSet, provided
from scores.rules.display import GameNames
from scores.rules.game import Game
from scores.rules.score_data import value_of

ONE_TO_TEN = range(1, 11)

GENOCIDE = provided(
    *dans("NORMAL", "☆", "Normal", ONE_TO_TEN),
    *dans("INSANE", "★", "Insane", ONE_TO_TEN),
    ("INSANE_KAIDEN", "★★", "Insane Kaiden"),
    ("OVERJOY", "(^^)", "Overjoy"),
    named_by_hover=True,
)

NEW_GENERATION = provided(
    *dans("NORMAL", "▽", "Normal", ONE_TO_TEN),
    *dans("INSANE", "▼", "Insane", range(11)),
    ("INSANE_KAIDEN", "▼皆伝", "Insane Kaiden"),
    named_by_hover=True,
)

LONG_NOTES = provided(
    *dans("DAN", "◆", "LN", ONE_TO_TEN),
    ("KAIDEN", "◆◆", "LN Kaiden"),
    ("OVERJOY", "◆(^^)", "LN Overjoy"),
    ("UDON", "◆うどん", "LN Udon"),
    named_by_hover=True,
)

SCRATCH = provided(
    ("KYU_7", "七級", "Scratch 7th Kyu"),
    ("KYU_6", "六級", "Scratch 6th Kyu"),
    ("KYU_5", "五級", "Scratch 5th Kyu"),
    ("KYU_4", "四級", "Scratch 4th Kyu"),
    ("KYU_3", "三級", "Scratch 3rd Kyu"),
    ("KYU_2", "二級", "Scratch 2nd Kyu"),
    ("KYU_1", "一級", "Scratch 1st Kyu"),
    ("DAN_1", "初段", "Scratch 1st Dan"),
    ("DAN_2", "二段", "Scratch 2nd Dan"),
    ("DAN_3", "三段", "Scratch 3rd Dan"),
    ("DAN_4", "四段", "Scratch 4th Dan"),
    ("DAN_5", "五段", "Scratch 5th Dan"),
    ("DAN_6", "六段", "Scratch 6th Dan"),
    ("DAN_7", "七段", "Scratch 7th Dan"),
    ("DAN_8", "八段", "Scratch 8th Dan"),
    ("DAN_9", "九段", "Scratch 9th Dan"),
    ("DAN_10", "十段", "Scratch 10th Dan"),
    ("KAIDEN", "皆伝", "Scratch Kaiden"),
    named_by_hover=True,
)

SATELLITE = [(f"SL{n}", f"sl{n}", f"Satellite {n}") for n in range(13)]
STELLA = [(f"ST{n}", f"st{n}", f"Stella {n}") for n in range(13)]


def chart_text(game: GameNames, song: Song, chart: Chart, short: bool = False) -> str:
    """ "Title - subtitle [GENRE] (★5, sl3)", without the parts that are missing."""
    text = song.title
    if subtitle := value_of(song.data, "subtitle"):
        text += f" - {subtitle}"
    if genre := value_of(song.data, "genre"):
        text += f" [{genre}]"
    if levels := levels_in_tables(chart):
        text += f" ({', '.join(levels)})"
    return text


def _playtype(
    playtype: str, classes: dict[str, ClassSet], random: schema.Schema
) -> Game:
    return Game(
        name="bms",
        playtype=playtype,
        playtypes=("7K", "14K"),
        title="BMS",
        display_name=f"BMS ({playtype})",
        provided=PROVIDED,
        derived=DERIVED,
        optional=OPTIONAL,
        derivers=DERIVERS,
        relations=(score_is_its_judgements,),
        judgements=("pgreat", "great", "good", "bad", "poor"),
        grades=GRADES,
        difficulties=("CHART",),
        default_difficulty="CHART",
        versions={},
        match_types=("bmsChartHash", "tachiSongID"),
        default_metric="percent",
        default_enum="lamp",
        **sieglinde_ratings(sieglinde_text("☆", "★")),
        classes=classes,
        mergers=MERGERS,
        difficulty_text=difficulty_text,
        chart_text=chart_text,
        song_data=SONG_DATA,
        chart_data=schema.document(
            CHART_DATA, aiLevel=schema.string().or_null().or_absent()
        ),
        score_meta=schema.document(
            random=random.or_null().or_absent(),
            inputDevice=schema.one_of("KEYBOARD", "BM_CONTROLLER", "MIDI")
            .or_null()
            .or_absent(),
            client=schema.one_of("LR2", "lr2oraja").or_null().or_absent(),
            gauge=GAUGE.or_null().or_absent(),
        ),
        preferences=schema.document(
            displayTables=schema.array(schema.string()).or_null().or_absent()
        ),
    )


SEVEN_KEYS = _playtype(
    "7K",
    {
        "genocideDan": GENOCIDE,
        "stslDan": provided(*SATELLITE, *STELLA, named_by_hover=True),
        "newGenerationDan": NEW_GENERATION,
        "lnDan": LONG_NOTES,
        "scratchDan": SCRATCH,
    },
    RANDOM,
)
FOURTEEN_KEYS = _playtype(
    "14K",
    {"genocideDan": GENOCIDE, "stslDan": provided(*SATELLITE, named_by_hover=True)},
    schema.tuple_of(RANDOM, RANDOM),
)

GAMES = (SEVEN_KEYS, FOURTEEN_KEYS)
