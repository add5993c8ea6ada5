from types import SimpleNamespace

from scores.games import GAMES
from tests.scores.games.profiles import profile_ratings_of

DDR = GAMES["ddr:SP"]


def make_bests(category, *values, is_primary=True):
    return [
        SimpleNamespace(
            ratings=(value,),
            chart=SimpleNamespace(is_primary=is_primary),
            song=SimpleNamespace(data={"flareCategory": category}),
        )
        for value in values
    ]


def flare_skill(*bests):
    flat = [best for each in bests for best in each]
    return profile_ratings_of(DDR, flat)["flareSkill"]


def test_the_30_highest_of_each_category_count():
    gold = make_bests("GOLD", *range(1, 32))
    white = make_bests("WHITE", 600, None)
    classic = make_bests("CLASSIC", 145)
    assert flare_skill(gold, white, classic) == sum(range(2, 32)) + 600 + 145


def test_songs_of_no_category_and_charts_that_are_not_primary_count_nothing():
    assert flare_skill(make_bests("NONE", 600)) == 0
    assert flare_skill(make_bests("GOLD", 600, is_primary=False)) is None
    assert flare_skill() is None
