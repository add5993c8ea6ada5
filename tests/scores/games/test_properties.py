"""What holds for every score of every game, whatever its numbers."""

from itertools import pairwise
from math import isfinite

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scores.games import GAMES
from scores.rules.bests import Played, value_at
from scores.rules.completion import Completed, Rejected
from scores.rules.javascript import is_number
from scores.rules.problems import Impossible
from tests.scores.games.strategies import (
    JSON,
    NO_LEVELS,
    charts,
    ladder,
    plays,
    range_of,
    spoilt_charts,
    spoilt_plays,
    spoilt_score_data,
    spoilt_songs,
)

each_game = pytest.mark.parametrize("gpt", GAMES)
settings.register_profile(
    "games",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def examples(count):
    """The same examples at every run."""
    return settings(settings.get_profile("games"), max_examples=count)


#: By how much a rating may be lower for a better play, and why.
MAY_FALL = {
    # The curves of the levels 6.1 to 7.9 have values of half a hundredth. Exactly where
    # one begins it counts in full; a hundredth of a percent above it is rounded down.
    ("maimai:Single", "rate"): 0.01,
}

#: Which ratings of a best may be below those of its plays.
MAY_BE_BELOW_ITS_PLAYS = {
    # The flare stays with the play of the best score.
    ("ddr:SP", "flareSkill"),
    ("ddr:DP", "flareSkill"),
    # A little, for the reason above.
    ("maimai:Single", "rate"),
}


def complete(gpt, play, chart):
    [outcome] = GAMES[gpt].complete([(play, chart)])
    return outcome


@each_game
@examples(10)
@given(data=st.data())
def test_any_chart_is_one_the_schema_lets_through(gpt, data):
    chart = data.draw(charts(gpt))
    assert GAMES[gpt].chart_data.first(chart.data) is None


@each_game
@examples(30)
@given(data=st.data())
def test_any_json_is_completed_or_rejected_with_a_reason(gpt, data):
    chart = data.draw(charts(gpt))
    chart.level_num = data.draw(NO_LEVELS | st.just(chart.level_num))
    play = data.draw(spoilt_plays(gpt, chart) | JSON)
    before = repr(play)

    outcome = complete(gpt, play, chart)

    assert repr(play) == before
    if isinstance(outcome, Rejected):
        assert all(reason.endswith(".") for reason in outcome.reasons)
        assert outcome.reasons
    else:
        assert all(each is None or isfinite(each) for each in outcome.ratings)
        assert complete(gpt, outcome.score_data, chart) == outcome


@each_game
@examples(20)
@given(data=st.data())
def test_any_score_on_any_chart_is_answered_or_impossible(gpt, data):
    game, sound = GAMES[gpt], data.draw(charts(gpt))
    chart = data.draw(spoilt_charts(sound))
    sent = data.draw(spoilt_plays(gpt, sound) | plays(gpt, sound) | JSON)
    stored = data.draw(
        st.lists(spoilt_score_data(gpt, sound), max_size=3).map(
            lambda found: [each for each in found if isinstance(each, dict)]
        )
    )
    times = st.none() | st.integers(1, 5)
    scores = [
        Played(f"T{i}", data.draw(times), False, each) for i, each in enumerate(stored)
    ]

    for outcome in game.complete([(sent, chart)]):
        assert isinstance(outcome, Completed | Rejected)
        if isinstance(outcome, Completed):
            assert all(map(is_rating, outcome.ratings))
    for each in stored:
        derived = or_impossible(game.derive, each, chart)
        assert all(
            isinstance(value, str) or isfinite(value)
            for value in (derived or {}).values()
        )
        assert all(map(is_rating, game.rate(each, chart)))
        score_id = or_impossible(game.score_id, 1, "c", each)
        assert score_id is None or len(score_id) == 65
    best = or_impossible(game.merge, scores, chart)
    if best is not None:
        assert all(map(is_rating, best.ratings))
        rank = or_impossible(game.rank_key, best.score_data)
        assert rank is None or all(map(isfinite, rank))


@each_game
@examples(20)
@given(data=st.data())
def test_any_chart_is_written_or_impossible(gpt, data):
    game, chart = GAMES[gpt], data.draw(charts(gpt).flatmap(spoilt_charts))
    song = data.draw(spoilt_songs())

    for text in (
        or_impossible(game.difficulty_text, game, chart),
        or_impossible(game.short_difficulty_text, game, chart),
        or_impossible(game.chart_text, game, song, chart),
        or_impossible(game.chart_text, game, song, chart, short=True),
    ):
        assert text is None or isinstance(text, str)


def or_impossible(verb, *arguments, **named):
    """The verb's answer; None where it raises Impossible, and nothing else."""
    try:
        return verb(*arguments, **named)
    except Impossible as error:
        assert str(error).endswith(".")
        return None


def is_rating(value):
    return value is None or isfinite(value)


@each_game
@examples(25)
@given(data=st.data())
def test_no_rating_falls_while_only_one_metric_gets_better(gpt, data):
    game, chart = GAMES[gpt], data.draw(charts(gpt))
    play = data.draw(plays(gpt, chart, judged=False))
    name = data.draw(st.sampled_from(list(game.provided)))
    better_and_better = game.provided[name].values or ladder(
        *range_of(game, chart, name)
    )

    outcomes = game.complete(
        ({**play, name: each}, chart) for each in better_and_better
    )

    possible = [each for each in outcomes if isinstance(each, Completed)]
    for worse, better in pairwise(possible):
        for rating, lower, higher in zip(
            game.score_ratings, worse.ratings, better.ratings, strict=True
        ):
            assert at_least(higher, lower, MAY_FALL.get((gpt, rating), 0)), rating


def at_least(value, least, slack=0):
    """No rating is below every other."""
    return least is None or (value is not None and value >= least - slack)


@st.composite
def histories(draw, gpt):
    """A chart and what of some plays on it is possible."""
    chart = draw(charts(gpt))
    sent = draw(st.lists(plays(gpt, chart), min_size=1, max_size=3))
    times = st.none() | st.integers(1, 5)
    outcomes = [complete(gpt, play, chart) for play in sent]
    scores = [
        Played(f"T{i}", draw(times), draw(st.booleans()), outcome.score_data)
        for i, outcome in enumerate(outcomes)
        if isinstance(outcome, Completed)
    ]
    assume(scores)
    return chart, scores


@each_game
@examples(25)
@given(data=st.data())
def test_a_best_is_never_worse_than_its_plays(gpt, data):
    game = GAMES[gpt]
    chart, scores = data.draw(histories(gpt))

    best = game.merge(scores, chart)

    for score in scores:
        for metric, smallest in merged_metrics(game):
            own = value_at(score.score_data, metric)
            merged = value_at(best.score_data, metric)
            if is_number(own):
                assert merged <= own if smallest else merged >= own, metric
        ratings = game.rate(score.score_data, chart)
        for name, own, merged in zip(
            game.score_ratings, ratings, best.ratings, strict=True
        ):
            below = (gpt, name) in MAY_BE_BELOW_ITS_PLAYS
            assert below or at_least(merged, own), name
    listed = [each["scoreID"] for each in best.composed_from]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= {score.score_id for score in scores}


def merged_metrics(game):
    """(path, whether the smallest is taken) of the base and of every merger."""
    yield game.default_metric, False
    for merger in game.mergers:
        yield merger.metric, merger.smallest
