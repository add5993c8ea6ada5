"""Names that a game's tables use and define elsewhere: a typo is found here."""

import pytest

from imports.matching.rules import MATCH_TYPES
from scores.games import GAMES, MODULES


@pytest.mark.parametrize("gpt", GAMES)
def test_every_name_in_the_tables_is_defined(gpt):
    game = GAMES[gpt]
    paths = {
        *game.metrics,
        *(f"optional.{name}" for name in game.optional),
        *(f"enumIndexes.{name}" for name, _ in game.enums),
    }
    ratings = set(game.score_ratings)

    assert 1 <= len(ratings) <= 3
    assert {each.rating for each in game.session_ratings.values()} <= ratings
    for each in game.profile_ratings.values():
        assert set(each.associated_ratings) <= ratings
    assert game.default_ratings.score in game.score_ratings
    assert game.default_ratings.session in game.session_ratings
    assert game.default_ratings.profile in game.profile_ratings
    assert game.default_metric in game.metrics
    assert game.default_enum in dict(game.enums)
    assert len(game.ranked_by) <= 3
    # A best always has what it is ranked by: no optional metric.
    assert {*game.ranked_by} <= {path for path in paths if "optional." not in path}
    assert set(game.derivers) == set(game.derived)
    for merger in game.mergers:
        assert {merger.metric, *merger.copies} <= paths
    for classes in game.classes.values():
        assert classes.provided or classes.rating in game.profile_ratings
        assert classes.minimum_relevant in (None, *classes.values)
    for _, metric in (*game.metrics.items(), *game.optional.items()):
        assert metric.minimum_relevant in (None, *metric.values)
    if game.difficulties:
        assert game.default_difficulty in game.difficulties
        assert set(game.difficulty_shorthand) <= set(game.difficulties)
    for match_type in game.match_types:
        charts = set(MATCH_TYPES[match_type].kinds) - {"title", "songID", "ddrSongHash"}
        assert not charts or charts & game.chart_data.keys, match_type


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_has_each_of_its_playtypes_once(module):
    for game in module.GAMES:
        assert game.playtypes == tuple(each.playtype for each in module.GAMES)
