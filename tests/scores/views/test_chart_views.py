import pytest

from imports.undo.revert import revert_import
from tests.factories import NOON, OPERATOR, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db

GAME = "/api/v1/games/sdvx/Single"


def test_a_song_comes_with_its_charts(api):
    chart = make_chart()
    body = api.get(f"{GAME}/songs/{chart.song.song_id}").json()["body"]
    assert body["song"]["id"] == chart.song.song_id
    assert [each["chartID"] for each in body["charts"]] == [chart.chart_id]


def test_a_chart_comes_with_its_song(api):
    chart = make_chart(level_num=17.5, data={"inGameID": 7}, versions=["vivid"])
    body = api.get(f"{GAME}/charts/{chart.chart_id}").json()["body"]
    assert body["song"]["title"] == chart.song.title
    assert body["chart"] == {
        "chartID": chart.chart_id,
        "songID": chart.song.song_id,
        "level": "17",
        "levelNum": 17.5,
        "isPrimary": True,
        "difficulty": "EXH",
        "playtype": "Single",
        "data": {"inGameID": 7},
        "versions": ["vivid"],
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/games/sdvx/Single/songs/x", 400),
        ("/api/v1/games/sdvx/Single/songs/999999999", 404),
        ("/api/v1/games/sdvx/Single/songs/99999999999999999999", 400),
        ("/api/v1/games/sdvx/Single/charts/x", 404),
        ("/api/v1/games/sdvx/Single/charts/x/pbs", 404),
        ("/api/v1/games/sdvx/Single/charts/x/playcount", 404),
        ("/api/v1/games/sdvx/Single/charts/x/folders", 404),
        ("/api/v1/games/sdvx/DP/charts/x/playcount", 400),
        ("/api/v1/games/sdvx/DP/charts/x", 400),
        ("/api/v1/games/chess/Single/charts/x", 400),
        ("/api/v1/games/chess/Single/songs/1", 400),
    ],
)
def test_what_is_not_there_says_so(api, path, status):
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.json()["success"] is False


def test_a_chart_of_another_game_is_not_found(api):
    chart = make_chart(game="chunithm")
    assert api.get(f"{GAME}/charts/{chart.chart_id}").status_code == 404
    assert api.get(f"{GAME}/songs/{chart.song.song_id}").status_code == 404


@pytest.fixture
def ranked():
    chart = make_chart()
    plays = [
        (make_user(), play(chart, 9_000_000)),
        (make_user(), play(chart, 9_100_000)),
        (make_user(), play(chart, 9_000_000, NOON + 2)),
        (make_user(), play(chart, 9_000_000, NOON + 1)),
        (make_user(), play(chart, 9_000_000)),
    ]
    for user, each in plays:
        make_import(user, each)
    users = [user for user, _ in plays]
    best_first = [users[i].pk for i in (1, 3, 2, 0, 4)]
    return f"{GAME}/charts/{chart.chart_id}/pbs", best_first


def test_players_are_ranked_by_score_then_by_who_was_first(api, ranked):
    path, best_first = ranked
    body = api.get(path).json()["body"]
    assert [pb["userID"] for pb in body["pbs"]] == best_first
    assert [pb["rankingData"]["rank"] for pb in body["pbs"]] == [1, 2, 3, 4, 5]
    assert {pb["rankingData"]["outOf"] for pb in body["pbs"]} == {5}
    assert {user["id"] for user in body["users"]} == set(best_first)


def test_a_page_begins_at_the_ranking_asked_for(api, ranked):
    path, best_first = ranked
    body = api.get(f"{path}?startRanking=4").json()["body"]
    assert [pb["userID"] for pb in body["pbs"]] == best_first[3:]
    assert [pb["rankingData"]["rank"] for pb in body["pbs"]] == [4, 5]
    assert {user["id"] for user in body["users"]} == set(best_first[3:])


@pytest.mark.parametrize("start", ["0", "-1", "x", "1.5", "", "1&startRanking=2"])
def test_a_ranking_is_a_positive_number(api, ranked, start):
    answer = api.get(f"{ranked[0]}?startRanking={start}")
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("[startRanking] ")


def test_a_player_sees_the_same_ranks_in_their_own_list(api, ranked):
    _, best_first = ranked
    for rank, user in enumerate(best_first, 1):
        answer = api.get(f"/api/v1/users/{user}/games/sdvx/Single/pbs/all")
        (pb,) = answer.json()["body"]["pbs"]
        assert pb["rankingData"] == {"rank": rank, "outOf": 5, "rivalRank": None}


def test_the_players_of_a_chart_are_counted_and_not_their_plays(api):
    chart = make_chart()
    path = f"{GAME}/charts/{chart.chart_id}/playcount"
    assert api.get(path).json()["body"] == {"count": 0}
    imports = [
        make_import(make_user(), play(chart, score, NOON), play(chart, score + 1))
        for score in (8_000_000, 9_000_000)
    ]
    make_import(make_user(), play(make_chart()))
    assert api.get(path).json()["body"] == {"count": 2}
    revert_import(imports[0], OPERATOR)
    assert api.get(path).json()["body"] == {"count": 1}


def test_a_chart_is_in_no_folders(api):
    chart = make_chart()
    assert api.get(f"{GAME}/charts/{chart.chart_id}/folders").json()["body"] == []
