"""Which chart a name means."""

import pytest

from tests.factories import make_chart, make_song

pytestmark = pytest.mark.django_db

PATH = "/api/v1/games/sdvx/Single/charts/resolve"


def asked(api, **query):
    return api.client.get(PATH, query)


def test_a_chart_comes_with_its_song(api):
    chart = make_chart(song=make_song(title="Bangin' Burst"))
    query = {"identifier": "bangin' burst", "matchType": "songTitle"}
    body = asked(api, **query, difficulty="EXH").json()["body"]
    assert body["chart"]["chartID"] == chart.chart_id
    assert body["song"]["id"] == chart.song.song_id
    number = {"identifier": chart.data["inGameID"], "matchType": "sdvxInGameID"}
    assert asked(api, **number, difficulty="EXH").json()["body"] == body


def test_a_version_is_taken_into_account(api):
    song = make_song(title="V")
    chart = make_chart(song=song, versions=["vivid"], is_primary=False)
    query = {"identifier": "V", "matchType": "songTitle", "difficulty": "EXH"}
    assert asked(api, **query).status_code == 404
    found = asked(api, **query, version="vivid").json()["body"]["chart"]
    assert found["chartID"] == chart.chart_id


def test_of_two_songs_of_one_title_the_artist_tells_which(api):
    charts = [make_chart(song=make_song(title="V", artist=name)) for name in "AB"]
    query = {"identifier": "V", "matchType": "songTitle", "difficulty": "EXH"}
    assert asked(api, **query).status_code == 404
    for chart, artist in zip(charts, "AB", strict=True):
        found = asked(api, **query, artist=artist).json()["body"]
        assert found["chart"]["chartID"] == chart.chart_id


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"identifier": "nothing", "matchType": "songTitle", "difficulty": "EXH"}, 404),
        ({"identifier": "1", "matchType": "tachiSongID"}, 404),
        ({"identifier": "1", "matchType": "bmsChartHash"}, 404),
        ({"identifier": "1", "matchType": "guess"}, 400),
        ({"identifier": "x" * 1001, "matchType": "songTitle"}, 400),
        ({"identifier": "", "matchType": "songTitle"}, 400),
        ({"matchType": "songTitle"}, 400),
        ({"identifier": "1"}, 400),
        ({"identifier": "1", "matchType": "songTitle", "colour": "red"}, 400),
    ],
)
def test_a_name_that_means_nothing_says_why(api, query, status):
    answer = asked(api, **query)
    assert answer.status_code == status
    assert answer.json()["description"]


def test_a_game_has_to_be_there(api, db):
    path = PATH.replace("sdvx", "chess")
    assert api.get(f"{path}?identifier=1&matchType=songTitle").status_code == 400
