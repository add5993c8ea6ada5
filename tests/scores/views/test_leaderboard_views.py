"""Who is best in a game, and who is beside a player."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import Import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tests.factories import OPERATOR, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db
GAME = "/api/v1/games/sdvx/Single"


def of(user, rest):
    return f"/api/v1/users/{user.pk}/games/sdvx/Single/{rest}"


def body(api, path):
    answer = api.get(path)
    assert answer.status_code == 200, answer.json()
    return answer.json()["body"]


@pytest.fixture
def chart():
    return make_chart()


@pytest.fixture
def players(chart):
    """Twelve players, the best one last."""
    users = [make_user() for _ in range(12)]
    for n, user in enumerate(users):
        make_import(user, play(chart, 8_000_000 + n * 100_000))
    return users


def ids(listed):
    return [each.get("userID", each.get("id")) for each in listed]


def test_players_are_listed_best_first(api, players):
    found = body(api, f"{GAME}/leaderboard")
    best = [user.pk for user in reversed(players)]
    assert ids(found["gameStats"]) == ids(found["users"]) == best
    few = body(api, f"{GAME}/leaderboard?limit=3&alg=VF6")
    assert ids(few["gameStats"]) == best[:3]


def test_who_has_no_rating_comes_last(api, players, chart):
    unrated = make_user()
    make_import(unrated, classes={"dan": "DAN_3"})
    assert ids(body(api, f"{GAME}/leaderboard")["gameStats"])[-1] == unrated.pk
    beside = body(api, of(unrated, "leaderboard-adjacent"))
    assert ids(beside["above"]) == [user.pk for user in reversed(players[:5])]
    assert beside["below"] == []
    worst = body(api, of(players[0], "leaderboard-adjacent"))
    assert ids(worst["below"]) == [unrated.pk]


def test_a_leaderboard_is_right_after_a_revert_and_a_restore(api, players, chart):
    import_ = make_import(players[0], play(chart, 10_000_000))
    before = body(api, f"{GAME}/leaderboard")
    assert ids(before["gameStats"])[0] == players[0].pk
    revert_import(import_, OPERATOR)
    assert ids(body(api, f"{GAME}/leaderboard")["gameStats"])[-1] == players[0].pk
    restore_import(Import.objects.get(pk=import_.pk), OPERATOR)
    assert body(api, f"{GAME}/leaderboard") == before


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_best_bests_of_all_come_first(api, players, chart, limit):
    other = make_chart(level=20)
    for n, user in enumerate(players[:4]):
        make_import(user, play(other, 9_900_000 - n * 1000))
    found = body(api, f"{GAME}/pb-leaderboard?limit={limit}")
    every = []
    for user in players:
        every += body(api, of(user, "pbs/all"))["pbs"]
    every.sort(key=lambda pb: -pb["calculatedData"]["VF6"])
    assert found["pbs"] == every[:limit]
    assert set(ids(found["users"])) == set(ids(found["pbs"]))
    assert {each["chartID"] for each in found["charts"]} == {
        each["chartID"] for each in found["pbs"]
    }
    assert {each["id"] for each in found["songs"]} == {
        each["songID"] for each in found["pbs"]
    }


def test_players_of_a_game_are_searched(api, chart):
    for name in ("Gravekeeper", "Engraver"):
        make_import(make_user(name), play(chart))
    make_user("grave")
    found = body(api, f"{GAME}/players?search=GRAVE")
    assert {each["username"] for each in found} == {"Gravekeeper", "Engraver"}
    assert body(api, f"{GAME}/players?search=nobody") == []
    assert api.get(f"{GAME}/players").status_code == 400


def test_the_players_just_above_and_below_are_told(api, players):
    beside = body(api, of(players[6], "leaderboard-adjacent"))
    pks = [user.pk for user in players]
    assert ids(beside["above"]) == pks[11:6:-1]
    assert ids(beside["below"]) == pks[5:0:-1]
    assert set(ids(beside["users"])) == set(pks[1:12]) - {pks[6]}
    assert beside["thisUsersStats"]["userID"] == pks[6]
    assert beside["thisUsersRanking"] == {"ranking": 6, "outOf": 12}


def test_equals_are_below_so_that_above_are_those_who_count_for_the_rank(api, chart):
    better = make_user()
    make_import(better, play(chart, 9_500_000))
    users = [make_user() for _ in range(3)]
    for user in users:
        make_import(user, play(chart, 9_000_000))
    for user in users:
        beside = body(api, of(user, "leaderboard-adjacent"))
        assert ids(beside["above"]) == [better.pk]
        assert ids(beside["below"]) == [each.pk for each in users if each != user]
        assert beside["thisUsersRanking"] == {"ranking": 2, "outOf": 4}


def test_the_bests_just_above_and_below_on_a_chart_are_told(api, players, chart):
    path = f"pbs/{chart.chart_id}/leaderboard-adjacent"
    found = body(api, of(players[6], path))
    assert found["pb"]["rankingData"]["rank"] == 6
    above = [pb["rankingData"]["rank"] for pb in found["adjacentAbove"]]
    assert above == [5, 4, 3, 2, 1]
    below = [pb["rankingData"]["rank"] for pb in found["adjacentBelow"]]
    assert below == [7, 8, 9, 10, 11]
    assert found["chart"]["chartID"] == chart.chart_id
    bests = found["adjacentAbove"] + found["adjacentBelow"]
    assert set(ids(found["users"])) == set(ids(bests))
    first = body(api, of(players[11], path))
    assert first["adjacentAbove"] == []
    assert len(first["adjacentBelow"]) == 5


def test_a_best_stands_alone_among_rivals(api, players, chart):
    found = body(api, of(players[0], f"pbs/{chart.chart_id}/rivals"))
    assert (ids(found["pbs"]), found["rivals"]) == ([players[0].pk], [])
    unplayed = of(players[0], f"pbs/{make_chart().chart_id}")
    assert body(api, f"{unplayed}/rivals") == {"pbs": [], "rivals": []}
    assert api.get(f"{unplayed}/leaderboard-adjacent").status_code == 404
    assert api.get(of(players[0], "pbs/nothing/rivals")).status_code == 404


@pytest.mark.parametrize(
    "rest",
    [
        "leaderboard?limit=501",
        "leaderboard?limit=0",
        "leaderboard?limit=x",
        "leaderboard?alg=BPI",
        "pb-leaderboard?limit=51",
        "pb-leaderboard?alg=ProfileVF6",
    ],
)
def test_what_is_no_limit_or_rating_is_told(api, db, rest):
    assert api.get(f"{GAME}/{rest}").status_code == 400


def test_a_game_that_nobody_plays_has_empty_lists(api, db):
    assert body(api, f"{GAME}/leaderboard") == {"gameStats": [], "users": []}
    empty = {"pbs": [], "songs": [], "charts": [], "users": []}
    assert body(api, f"{GAME}/pb-leaderboard") == empty
    user = make_user()
    assert api.get(of(user, "leaderboard-adjacent")).status_code == 404
    assert api.get("/api/v1/games/chess/Single/leaderboard").status_code == 400


@pytest.mark.parametrize("path", ["leaderboard", "pb-leaderboard", "players?search=p"])
def test_many_take_as_many_statements_as_one(api, chart, path):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            body(api, f"{GAME}/{path}")
        return len(captured)

    make_import(make_user(), play(chart))
    one = statements()
    for _ in range(5):
        make_import(make_user(), play(chart), play(make_chart()))
    assert statements() == one
