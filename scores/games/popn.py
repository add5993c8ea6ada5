"""pop'n music."""

from scores.games.formulas.timing import TIMING
from scores.rules import schema
from scores.rules.bests import Merger
from scores.rules.bounds import level_of, number_between
from scores.rules.charts import Chart
from scores.rules.classes import derived
from scores.rules.game import DefaultRatings, Game
from scores.rules.grades import Grades
from scores.rules.javascript import percent
from scores.rules.metrics import decimal, enum, integer
from scores.rules.problems import Problem
from scores.rules.ranges import between
from scores.rules.ratings import ScoreRating, SessionRating, mean_of_best
from scores.rules.score_data import ScoreData, all_judged, find, judged, look_up, number

PERFECT = 100_000

#: Every medal with the lamp it is a finer form of.
MEDALS = {
    "failedCircle": "FAILED",
    "failedDiamond": "FAILED",
    "failedStar": "FAILED",
    "easyClear": "EASY CLEAR",
    "clearCircle": "CLEAR",
    "clearDiamond": "CLEAR",
    "clearStar": "CLEAR",
    "fullComboCircle": "FULL COMBO",
    "fullComboDiamond": "FULL COMBO",
    "fullComboStar": "FULL COMBO",
    "perfect": "PERFECT",
}
LAMPS = ("FAILED", "EASY CLEAR", "CLEAR", "FULL COMBO", "PERFECT")

GRADES = Grades(
    (
        ("E", 0),
        ("D", 50_000),
        ("C", 62_000),
        ("B", 72_000),
        ("A", 82_000),
        ("AA", 90_000),
        ("AAA", 95_000),
        ("S", 98_000),
    )
)

LAMP_POINTS = {
    "FAILED": 0,
    "EASY CLEAR": 3000,
    "CLEAR": 3000,
    "FULL COMBO": 5000,
    "PERFECT": 5000,
}

DIFFICULTIES = {"Easy": "E", "Normal": "N", "Hyper": "H", "EX": "EX"}

VERSIONS = {"peace": "peace", "kaimei": "Kaimei Riddles", "unilab": "Unilab"}

CLASS = derived(
    "naiveClassPoints",
    (
        ("KITTY", 0, "にゃんこ", "Kitty"),
        ("STUDENT", 21, "小学生", "Grade School Student"),
        ("DELINQUENT", 34, "番長", "Delinquent"),
        ("DETECTIVE", 46, "刑事", "Detective"),
        ("IDOL", 59, "アイドル", "Idol"),
        ("GENERAL", 68, "将軍", "General"),
        ("HERMIT", 79, "仙人", "Hermit"),
        ("GOD", 91, "神", "God"),
    ),
    minimum_relevant="GOD",
    named_by_hover=True,
)


def lamp(score_data: ScoreData, chart: Chart) -> str:
    """The lamp of the medal. Raises Impossible for an unknown medal."""
    return look_up(MEDALS, score_data, "clearMedal")


def grade(score_data: ScoreData, chart: Chart) -> str:
    """By the score, but a failed play gets no more than an A. Raises Impossible."""
    earned = GRADES.of(number(score_data, "score"))
    if earned in ("AA", "AAA", "S") and lamp(score_data, chart) == "FAILED":
        return "A"
    return earned


def class_points(score_data: ScoreData, chart: Chart) -> float:
    """(10,000 * level + score - 50,000 + points of the lamp) / 5440, not rounded.

    0 up to a score of 50,000. Raises Impossible outside 0 to 100,000, for a negative
    level and for an unknown medal.
    """
    score, level = number_between(score_data, "score", 0, PERFECT), level_of(chart)
    if score <= 50_000:
        return 0
    points = LAMP_POINTS[lamp(score_data, chart)]
    return (10_000 * level + score - 50_000 + points) / 5440


def lamp_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """No bad in a FULL COMBO, nor a good in a PERFECT."""
    if score_data["lamp"] == "PERFECT" and judged(score_data, "bad", "good"):
        return Problem(
            "perfect-with-bad-or-good",
            "Cannot have a PERFECT with any bads or goods.",
        )
    if score_data["lamp"] == "FULL COMBO" and judged(score_data, "bad"):
        return Problem("fc-with-bad", "Cannot have a FULL COMBO with any bads.")
    return None


#: Of which judgement a medal needs how many: the fewest and the most.
_NEEDED: dict[str, tuple[str, str, int, int | None]] = {
    "fullComboStar": ("fcstar", "good", 1, 5),
    "fullComboDiamond": ("fcdiamond", "good", 6, 20),
    "fullComboCircle": ("fccircle", "good", 21, None),
    "clearStar": ("clearstar", "bad", 1, 5),
    "clearDiamond": ("cleardiamond", "bad", 6, 20),
    "clearCircle": ("clearcircle", "bad", 21, None),
}


def medal_fits_judgements(score_data: ScoreData, chart: Chart) -> Problem | None:
    """The medals of full combos count goods, those of clears bads; needs both."""
    needs = find(_NEEDED, score_data, "clearMedal")
    if needs is None or all_judged(score_data, "good", "bad") is None:
        return None
    code, judgement, fewest, most = needs
    medal, count = score_data["clearMedal"], judged(score_data, judgement)
    if count >= fewest and (most is None or count <= most):
        return None
    needed = f"{fewest} or more" if most is None else f"{fewest} to {most}"
    return Problem(
        f"{code}-needs-{needed.replace(' to ', '-').replace(' ', '-')}-{judgement}s",
        f"Cannot have a {medal} with {count} {judgement}s, it needs {needed}.",
    )


NINE_BUTTONS = Game(
    name="popn",
    playtype="9B",
    playtypes=("9B",),
    title="pop'n music",
    display_name="pop'n music",
    provided={
        "score": integer("Score value.", between(0, PERFECT)),
        "clearMedal": enum("Clear medal; superset of lamp.", "clearCircle", *MEDALS),
    },
    derived={
        "lamp": enum("Clear type.", "CLEAR", *LAMPS),
        "grade": enum("Grade.", "A", *GRADES.names),
    },
    optional={
        **TIMING,
        "gauge": decimal(
            "Gauge percentage left at the end.", between(0, 100), text=percent(2)
        ),
    },
    derivers={"lamp": lamp, "grade": grade},
    relations=(lamp_fits_judgements, medal_fits_judgements),
    judgements=("cool", "great", "good", "bad"),
    grades=GRADES,
    difficulties=tuple(DIFFICULTIES),
    difficulty_shorthand=DIFFICULTIES,
    default_difficulty="EX",
    versions=VERSIONS,
    match_types=("inGameID", "tachiSongID", "popnChartHash"),
    default_metric="score",
    default_enum="lamp",
    score_ratings={
        "classPoints": ScoreRating(
            "In-game pop'n class points of the play.", class_points
        )
    },
    session_ratings={
        "classPoints": SessionRating(
            "Mean of the session's 10 highest classPoints.", "classPoints"
        )
    },
    profile_ratings={
        "naiveClassPoints": mean_of_best(
            "20 highest class points averaged over 20; recent plays not considered.",
            "classPoints",
            20,
        )
    },
    default_ratings=DefaultRatings(
        score="classPoints", session="classPoints", profile="naiveClassPoints"
    ),
    classes={"class": CLASS},
    mergers=(
        Merger("Best Clear", "enumIndexes.clearMedal", copies=("clearMedal", "lamp")),
    ),
    song_data=schema.document(
        displayVersion=schema.string().or_null(),
        genre=schema.string(),
        genreEN=schema.string().or_null(),
    ),
    chart_data=schema.document(
        hashSHA256=schema.either(
            schema.array(schema.string()), schema.string(), schema.null()
        ),
        inGameID=schema.integer(minimum=0),
    ),
    score_meta=schema.document(
        hiSpeed=schema.number().or_null().or_absent(),
        hidden=schema.number().or_null().or_absent(),
        sudden=schema.number().or_null().or_absent(),
        random=schema.one_of("MIRROR", "NONRAN", "RANDOM", "S-RANDOM")
        .or_null()
        .or_absent(),
        gauge=schema.one_of("EASY", "NORMAL", "HARD", "DANGER").or_null().or_absent(),
    ),
)

GAMES = (NINE_BUTTONS,)
