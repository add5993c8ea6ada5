"""Looking for users and charts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scores.game_settings import choose
from scores.games import GAMES
from scores.models import Chart, GameStats
from tests.factories import (
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db
CHARTS = "/api/v1/games/sdvx/Single/charts"


def titled(title, **fields):
    return make_chart(song=make_song(title=title, **fields))


def ids(listing):
    return [each["chartID"] for each in listing]


def search(api, text, path="/api/v1/search", **more):
    token = more.pop("token", None)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = api.client.get(path, {"search": text, **more}, headers=headers)
    assert answer.status_code == 200, answer.json()
    return answer.json()["body"]


def test_users_and_charts_are_found(api):
    user, chart = make_user("Gravekeeper"), titled("Grave of the Sun")
    make_user("somebody")
    make_import(user, play(chart, 9_000_000), play(chart, 9_000_001))
    body = search(api, "grave")
    assert set(body) == {"users", "charts", "folders"}
    assert [(each["id"], each["__isRival"]) for each in body["users"]] == [
        (user.pk, False)
    ]
    assert set(body["charts"]) == set(GAMES)
    [found] = body["charts"]["sdvx:Single"]
    assert found["chart"]["chartID"] == chart.chart_id
    assert found["song"]["title"] == "Grave of the Sun"
    assert found["playcount"] == 2
    assert body["folders"] == []


@pytest.mark.parametrize(
    "text",
    ["LOVE sun", "sun", "camellia", "ラブ", "rabu", "camellia sun", " sun  love"],
)
def test_every_word_is_in_some_name_of_the_song(api, text):
    fields = {"alt_titles": ["ラブ・サン"], "search_terms": ["rabu san"]}
    chart = titled("Love of the Sun", artist="Camellia", **fields)
    titled("Moon", artist="Another")
    found = search(api, text)["charts"]["sdvx:Single"]
    assert [each["chart"]["chartID"] for each in found] == [chart.chart_id]


def test_what_fits_best_comes_first(api):
    charts = [titled(t) for t in ("A Day in Sun", "Sun", "Sunrise", "Sunday Morning")]
    titled("Moon", artist="Sun Band")
    found = [
        each["song"]["title"] for each in search(api, "sun")["charts"]["sdvx:Single"]
    ]
    assert found == ["Sun", "Sunrise", "Sunday Morning", "A Day in Sun", "Moon"]
    assert len(charts) == 4


@pytest.mark.parametrize("text", ["%", "_", "100%_", "\\", '"', "'", "x" * 5000, "😀"])
def test_signs_mean_themselves(api, text):
    titled("Plain")
    assert search(api, text)["charts"]["sdvx:Single"] == []


def test_charts_of_games_that_one_has_played_only(api):
    user, chart = make_user(), titled("Sun")
    make_song("usc", title="Sun")
    make_import(user, play(chart))
    body = search(api, "sun", hasPlayedGame="true", token=make_token(user))
    assert list(body["charts"]) == ["sdvx:Single"]
    assert set(search(api, "sun", hasPlayedGame="true")["charts"]) == set(GAMES)


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/search/chart-hash"])
def test_something_has_to_be_looked_for(api, db, path):
    assert api.get(path).status_code == 400
    assert api.get(f"{path}?search=a&search=b").status_code == 400


def test_a_hash_is_looked_for_in_any_case(api):
    chart = make_chart("bms", "7K", data={"hashMD5": "ab" * 16}, difficulty="CHART")
    body = search(api, "AB" * 16, "/api/v1/search/chart-hash")
    [found] = body["charts"].pop("bms:7K")
    assert found["chart"]["chartID"] == chart.chart_id
    assert found["playcount"] is None
    assert {gpt: [] for gpt in body["charts"]} == body["charts"]
    assert "itg:Stamina" in body["charts"]


def test_the_charts_of_a_game_are_listed_by_how_many_have_played_them(api):
    charts = [make_chart() for _ in range(3)]
    make_chart("usc", "Controller")
    make_import(make_user(), play(charts[1]), play(charts[1], 8_000_000))
    make_import(make_user(), play(charts[1]), play(charts[2]))
    body = api.get(CHARTS).json()["body"]
    assert ids(body["charts"]) == [charts[n].chart_id for n in (1, 2, 0)]
    assert [each["__playcount"] for each in body["charts"]] == [2, 1, 0]
    assert {each["id"] for each in body["songs"]} == {
        each["songID"] for each in body["charts"]
    }


def test_charts_are_searched_and_those_that_one_has_played(api):
    user = make_user()
    sun, moon = titled("Sun"), titled("Moon")
    make_import(user, play(moon))
    assert ids(search(api, "sun", CHARTS)["charts"]) == [sun.chart_id]
    assert ids(search(api, "", CHARTS)["charts"]) == [moon.chart_id, sun.chart_id]
    token = make_token(user)
    played = api.get(f"{CHARTS}?requesterHasPlayed=true", token=token).json()["body"]
    assert ids(played["charts"]) == [moon.chart_id]
    both = api.get(f"{CHARTS}?requesterHasPlayed=1&search=sun", token=token)
    assert both.json()["body"] == {"charts": [], "songs": []}
    assert api.get(f"{CHARTS}?requesterHasPlayed=true").status_code == 401


def test_a_retired_chart_is_not_listed(api):
    from django.utils import timezone

    chart = make_chart()
    Chart.objects.update(retired_at=timezone.now())
    assert api.get(CHARTS).json()["body"] == {"charts": [], "songs": []}
    assert search(api, chart.song.title)["charts"]["sdvx:Single"] == []


def test_2dxtra_charts_are_for_those_who_want_them(api):
    fields = {"difficulty": "ANOTHER"}
    own = make_chart("iidx", "SP", data={"notecount": 1, "2dxtraSet": None}, **fields)
    old = make_chart("iidx", "SP", data={"notecount": 1}, **fields)
    extra = make_chart("iidx", "SP", data={"notecount": 1, "2dxtraSet": "x"}, **fields)
    path, user = "/api/v1/games/iidx/SP/charts", make_user()

    def listed(query="", token=None):
        return set(ids(api.get(f"{path}{query}", token=token).json()["body"]["charts"]))

    assert listed() == {own.chart_id, old.chart_id}
    assert listed("?noIntelligentOmit=1") == {
        own.chart_id,
        old.chart_id,
        extra.chart_id,
    }
    assert extra.chart_id not in listed(token=make_token(user))
    stats = GameStats(user=user, gpt="iidx:SP")
    choose(stats, {"gameSpecific": {"display2DXTra": True}})
    assert extra.chart_id in listed(token=make_token(user))


@pytest.mark.parametrize(
    "path", ["/api/v1/search?search=song", CHARTS, f"{CHARTS}?search=song"]
)
def test_many_take_as_many_statements_as_one(api, path):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path).status_code == 200
        return len(captured)

    make_import(make_user(), play(make_chart()))
    one = statements()
    make_import(make_user("song"), *(play(make_chart()) for _ in range(120)))
    assert statements() <= one
    if "games" in path:
        assert len(api.get(path).json()["body"]["charts"]) == 100
