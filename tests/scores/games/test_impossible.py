"""What no formula was made for is Impossible, be it sent, stored or in a chart."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from scores.derived.rerate import derive_score
from scores.games import GAMES
from scores.rules.bests import Played
from scores.rules.completion import Completed, Rejected
from scores.rules.problems import Impossible

DOCUMENTS = [
    json.loads(path.read_text())
    for path in sorted(Path(__file__).parent.glob("cases/*.json"))
]
JUNK = [
    *(None, True, "NOT A VALUE", "12", "", [], {}, [None], [{}]),
    *(-1, 0, 0.5, 1e300, 10**400, math.nan, math.inf, -math.inf),
]
#: Of these the original rates charts of negative levels.
ANY_LEVEL = {"iidx", "bms", "pms", "sdvx", "usc", "itg"}


def sound(gpt):
    """A score that is accepted, and its chart."""
    [document] = [each for each in DOCUMENTS if gpt in each["gpts"]]
    case = next(c for c in document["accepted"] if c.get("gpt", gpt) == gpt)
    chart = {
        "song_id": 1,
        "level": "",
        "versions": [],
        "is_primary": True,
        **document["chart"],
        **case.get("chart", {}),
    }
    [outcome] = GAMES[gpt].complete([(case["score"], SimpleNamespace(**chart))])
    assert isinstance(outcome, Completed)
    return outcome.score_data, SimpleNamespace(**chart)


def changed(chart, **changes):
    return SimpleNamespace(**{**vars(chart), **changes})


def spoilt(document, names=()):
    """The document without each of its members, and with junk in its place."""
    for name in {**document, **dict.fromkeys(names)}:
        yield {key: value for key, value in document.items() if key != name}
        yield from ({**document, name: junk} for junk in JUNK)


def spoilt_pairs(gpt):
    """Score data and charts, one place of which is not as it should be."""
    score_data, chart = sound(gpt)
    for each in spoilt(score_data):
        yield each, chart
    for name in GAMES[gpt].optional:
        for junk in JUNK:
            yield {**score_data, "optional": {name: junk}}, chart
    for name in GAMES[gpt].judgements:
        for junk in JUNK:
            yield {**score_data, "judgements": {name: junk}}, chart
    for data in (*JUNK, *spoilt(chart.data, GAMES[gpt].chart_data.keys)):
        yield score_data, changed(chart, data=data)
    for level in (-1, 0, 0.5, 1e300, -1e300, math.nan, math.inf, -math.inf):
        yield score_data, changed(chart, level_num=level)


def or_impossible(verb, *arguments):
    """The verb's answer; None where it raises Impossible, and nothing else."""
    try:
        return verb(*arguments)
    except Impossible as error:
        assert str(error).endswith(".")
        return None


def finite(ratings):
    return all(each is None or math.isfinite(each) for each in ratings)


@pytest.mark.parametrize("gpt", GAMES)
def test_a_score_is_completed_or_rejected_with_a_reason(gpt):
    pairs = list(spoilt_pairs(gpt))

    for outcome in GAMES[gpt].complete(pairs):
        if isinstance(outcome, Rejected):
            assert outcome.reasons
            assert all(reason.endswith(".") for reason in outcome.reasons)
        else:
            assert finite(outcome.ratings)


@pytest.mark.parametrize("gpt", GAMES)
def test_a_stored_score_is_derived_rated_and_named_or_impossible(gpt):
    game = GAMES[gpt]

    for score_data, chart in spoilt_pairs(gpt):
        derived = or_impossible(game.derive, score_data, chart) or {}
        assert all(isinstance(v, str) or math.isfinite(v) for v in derived.values())
        assert finite(game.rate(score_data, chart))
        or_impossible(game.enum_indexes, score_data)
        or_impossible(game.score_id, 1, "c", score_data)


@pytest.mark.parametrize("gpt", GAMES)
def test_stored_scores_are_merged_and_ranked_or_impossible(gpt):
    game, (fine, _) = GAMES[gpt], sound(gpt)

    for score_data, chart in spoilt_pairs(gpt):
        plays = [Played("T1", 1, False, score_data), Played("T2", 2, True, fine)]
        for scores in (plays, plays[:1]):
            best = or_impossible(game.merge, scores, chart)
            if best is not None:
                assert finite(best.ratings)
                assert finite(or_impossible(game.rank_key, best.score_data) or ())


@pytest.mark.parametrize("gpt", GAMES)
def test_a_chart_is_written_or_impossible(gpt):
    game = GAMES[gpt]
    for _, chart in spoilt_pairs(gpt):
        for junk in JUNK:
            song = SimpleNamespace(title="x", data={"subtitle": junk, "genre": junk})
            or_impossible(game.chart_text, game, song, chart)
        song = SimpleNamespace(title="x", data=None)
        or_impossible(game.chart_text, game, song, chart)
        or_impossible(game.difficulty_text, game, chart)
        or_impossible(game.short_difficulty_text, game, chart)


@pytest.mark.parametrize(
    ("gpt", "rating"),
    [
        (gpt, rating)
        for gpt, game in GAMES.items()
        for rating in game.score_ratings
        if game.name not in ANY_LEVEL
    ],
)
def test_a_negative_level_is_impossible(gpt, rating):
    score_data, chart = sound(gpt)
    calculate = GAMES[gpt].score_ratings[rating].calculate

    with pytest.raises(Impossible) as refusal:
        calculate(score_data, changed(chart, level_num=-1))

    negative = "value-not-positive" if gpt.startswith("ddr:") else "value-negative"
    assert refusal.value.category == negative


@pytest.mark.parametrize(
    ("gpt", "name"),
    [
        *((gpt, "clearMedal") for gpt in GAMES if gpt.startswith("popn:")),
        *((gpt, "lamp") for gpt in GAMES if gpt.startswith(("sdvx:", "usc:"))),
    ],
)
def test_a_word_that_is_in_no_table_is_impossible(gpt, name):
    score_data, chart = sound(gpt)
    game, score_data = GAMES[gpt], {**score_data, name: "NOT A VALUE"}

    assert game.rate(score_data, chart) == (None,)
    with pytest.raises(Impossible) as refusal:
        game.enum_indexes({**score_data, **game.derive(score_data, chart)})
    assert refusal.value.category == "unknown-enum-value"


def test_what_is_no_music_rate_is_neither_a_number_nor_in_range():
    score_data, chart = sound("jubeat:Single")

    for junk in (None, "12", [], math.nan):
        [outcome] = GAMES["jubeat:Single"].complete(
            [({**score_data, "musicRate": junk}, chart)]
        )
        about = [each for each in outcome.reasons if "musicRate" in each]
        assert len(about) == 2


def test_charts_with_more_measures_of_one_kind_have_no_fastest_stream():
    score_data, chart = sound("itg:Stamina")
    chart.data = {**chart.data, "npsPerMeasure": [16], "notesPerMeasure": [16, 16]}

    with pytest.raises(Impossible) as refusal:
        GAMES["itg:Stamina"].score_ratings["fastest32"].calculate(score_data, chart)

    assert refusal.value.category == "array-lengths-differ"


@pytest.mark.parametrize(
    ("survived", "category"), [(-0.1, "value-negative"), (100.1, "value-too-large")]
)
def test_nobody_fails_before_the_chart_or_after_it(survived, category):
    score_data, chart = sound("itg:Stamina")
    score_data = {**score_data, "lamp": "FAILED", "survivedPercent": survived}

    with pytest.raises(Impossible) as refusal:
        GAMES["itg:Stamina"].score_ratings["fastest32"].calculate(score_data, chart)

    assert refusal.value.category == category


@pytest.mark.parametrize(
    "gpt", [gpt for gpt in GAMES if gpt.startswith(("iidx:", "bms:", "pms:"))]
)
@pytest.mark.parametrize("score", [0, 5])
def test_a_percentage_of_no_notes_is_impossible(gpt, score):
    score_data, chart = sound(gpt)
    chart.data = {**chart.data, "notecount": 0}
    score_data = {**score_data, "score": score, "judgements": {}}

    with pytest.raises(Impossible):
        GAMES[gpt].derive(score_data, chart)
    [outcome] = GAMES[gpt].complete([(score_data, chart)])
    assert isinstance(outcome, Rejected)


def test_a_score_on_a_chart_that_lost_its_notes_keeps_what_it_was_accepted_with():
    score_data, chart = sound("bms:7K")
    chart.data = {**chart.data, "notecount": 0}

    kept, ratings = derive_score(GAMES["bms:7K"], score_data, chart)

    assert kept == score_data
    assert finite(ratings)


def test_every_reason_is_given_for_a_score_that_cannot_be_read():
    _, chart = sound("jubeat:Single")
    score = {"score": 800_000, "musicRate": None, "lamp": "FAILED"}

    [outcome] = GAMES["jubeat:Single"].complete([(score, chart)])

    assert len(outcome.reasons) == 3


def test_a_rating_that_overflows_is_none():
    score_data, chart = sound("iidx:SP")
    chart.data = {
        **chart.data,
        "notecount": 1000,
        "kaidenAverage": 1000,
        "worldRecord": 1500,
        "bpiCoefficient": 1e6,
    }

    _, bpi = GAMES["iidx:SP"].rate({**score_data, "score": 2000}, chart)

    assert bpi is None


def test_a_stored_infinity_is_no_base_of_a_best():
    score_data, chart = sound("bms:7K")
    plays = [
        Played("T1", 1, False, {**score_data, "percent": math.inf}),
        Played("T2", 2, False, score_data),
    ]

    best = GAMES["bms:7K"].merge(plays, chart)

    assert best.composed_from[0]["scoreID"] == "T2"
