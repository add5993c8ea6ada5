import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scores.models import Chart, PersonalBest, Session
from tests.factories import (
    HOUR,
    NOON,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db

DAY = 24 * HOUR
LISTS = [
    "pbs/all",
    "pbs/best",
    "scores/all",
    "scores/recent",
    "sessions/recent",
    "sessions/best",
]


@pytest.fixture
def player():
    return make_user("Nimble")


def of(player, path):
    return f"/api/v1/users/{player.pk}/games/sdvx/Single{path}"


def statements(api, path):
    with CaptureQueriesContext(connection) as captured:
        assert api.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", LISTS)
def test_many_take_as_many_statements_as_one(api, player, path):
    make_import(player, play(make_chart(), time=NOON))
    one = statements(api, of(player, f"/{path}"))
    make_import(
        player,
        *(play(make_chart(), time=NOON + day * DAY) for day in range(1, 30)),
    )
    assert statements(api, of(player, f"/{path}")) == one


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/users/nobody/games/sdvx/Single", 404),
        ("/api/v1/users/me/games/sdvx/Single", 401),
        ("/api/v1/users/Nimble/games/chess/Single", 400),
        ("/api/v1/users/Nimble/games/sdvx/DP", 400),
        ("/api/v1/users/Nimble/games/sdvx/Single", 404),
        ("/api/v1/users/Nimble/games/sdvx/Single/pbs/all", 404),
    ],
)
def test_the_player_then_the_game_then_the_profile_have_to_be_there(
    api, player, path, status
):
    assert api.get(path).status_code == status


def test_a_player_is_found_by_name_in_any_case_and_as_me(api, player):
    make_import(player, play(make_chart()))
    path = "/api/v1/users/{}/games/sdvx/Single"
    by_name = api.get(path.format("nIMBLE")).json()["body"]
    as_me = api.get(path.format("me"), token=make_token(player)).json()["body"]
    assert by_name == as_me
    assert by_name["gameStats"]["userID"] == player.pk


def test_a_profile_without_timed_scores_has_no_first_and_no_last(api, player):
    make_import(player, play(make_chart()))
    body = api.get(of(player, "")).json()["body"]
    assert (body["firstScore"], body["mostRecentScore"]) == (None, None)
    assert (body["totalScores"], body["playtime"]) == (1, 0)


def test_a_profile_sums_up_what_was_played(api, player):
    chart = make_chart()
    make_import(
        player,
        play(chart, 9_000_000, time=NOON),
        play(chart, 9_000_001, time=NOON + 60_000),
        play(chart, 9_000_002, time=NOON + DAY),
        play(chart, 9_000_003),
    )
    body = api.get(of(player, "")).json()["body"]
    assert body["firstScore"]["timeAchieved"] == NOON
    assert body["mostRecentScore"]["timeAchieved"] == NOON + DAY
    assert (body["totalScores"], body["playtime"]) == (4, 60_000)


def test_profiles_are_ranked_by_rating_and_those_without_one_are_last(api, player):
    better = make_user()
    unrated = make_user()
    make_import(player, play(make_chart(level=5)))
    make_import(better, play(make_chart(level=20)))
    make_import(unrated, classes={"dan": "DAN_1"})
    rankings = [
        api.get(of(user, "")).json()["body"]["rankingData"]["VF6"]
        for user in (better, player, unrated)
    ]
    assert rankings == [{"ranking": i, "outOf": 3} for i in (1, 2, 3)]
    (profile,) = api.get(f"/api/v1/users/{player.pk}/game-stats").json()["body"]
    assert profile["__rankingData"] == {"VF6": {"ranking": 2, "outOf": 3}}


def test_one_best_comes_with_the_scores_it_is_made_of_when_asked(api, player):
    chart = make_chart()
    make_import(player, play(chart, 9_500_000, lamp="FAILED"), play(chart))
    path = of(player, f"/pbs/{chart.chart_id}")
    assert set(api.get(path).json()["body"]) == {"pb", "chart"}
    body = api.get(f"{path}?getComposition=true").json()["body"]
    assert body["pb"]["scoreData"]["score"] == 9_500_000
    assert body["pb"]["scoreData"]["lamp"] == "CLEAR"
    parts = [part["scoreID"] for part in body["pb"]["composedFrom"]]
    assert {score["scoreID"] for score in body["scores"]} == set(parts)
    assert len(parts) == 2


@pytest.mark.parametrize("noun", ["pbs", "scores"])
def test_an_unknown_chart_is_404(api, player, noun):
    make_import(player, play(make_chart()))
    assert api.get(of(player, f"/{noun}/nope")).status_code == 404


def test_a_chart_not_played_has_no_best_and_no_scores(api, player):
    make_import(player, play(make_chart()))
    chart_id = make_chart().chart_id
    assert api.get(of(player, f"/pbs/{chart_id}")).status_code == 404
    assert api.get(of(player, f"/scores/{chart_id}")).json()["body"] == []


def test_all_bests_and_all_scores_are_those_on_primary_charts(api, player):
    chart, old = make_chart(), make_chart()
    make_import(player, play(chart), play(old))
    Chart.objects.filter(pk=old.pk).update(is_primary=False)
    PersonalBest.objects.filter(chart=old).update(is_primary=False)
    for path, key in (("/pbs/all", "pbs"), ("/scores/all", "scores")):
        found = api.get(of(player, path)).json()["body"][key]
        assert [each["chartID"] for each in found] == [chart.chart_id]


def test_the_best_bests_are_first(api, player):
    easy, hard = make_chart(level=5), make_chart(level=20)
    make_import(player, play(easy), play(hard))
    pbs = api.get(of(player, "/pbs/best?alg=VF6")).json()["body"]["pbs"]
    assert [pb["chartID"] for pb in pbs] == [hard.chart_id, easy.chart_id]


@pytest.mark.parametrize("path", ["/pbs/best", "/sessions/best"])
def test_a_rating_that_the_game_does_not_have_is_400(api, player, path):
    make_import(player, play(make_chart()))
    answer = api.get(of(player, f"{path}?alg=BPI"))
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("[alg] Expected any of ")


def test_recent_scores_are_newest_first_and_untimed_ones_last(api, player):
    chart = make_chart()
    make_import(
        player,
        play(chart, 1),
        play(chart, 2, time=NOON),
        play(chart, 3, time=NOON + 1),
    )
    body = api.get(of(player, "/scores/recent")).json()["body"]
    assert [score["scoreData"]["score"] for score in body["scores"]] == [3, 2, 1]
    assert len(body["charts"]) == len(body["songs"]) == 1
    on_chart = api.get(of(player, f"/scores/{chart.chart_id}")).json()["body"]
    assert on_chart == body["scores"]


def test_recent_sessions_say_what_each_score_was_worth(api, player):
    chart = make_chart()
    make_import(
        player,
        play(chart, 9_000_000, time=NOON),
        play(chart, 9_100_000, time=NOON + DAY),
    )
    newer, older = api.get(of(player, "/sessions/recent")).json()["body"]
    assert newer["timeStarted"] == NOON + DAY
    assert newer["__scoreInfo"][0]["deltas"]["score"] == 100_000
    assert older["__scoreInfo"][0]["isNewScore"] is True


def test_the_best_sessions_are_first_and_unrated_ones_last(api, player):
    for day, level in enumerate((5, 20)):
        times = (NOON + day * DAY + i for i in range(10))
        plays = (play(make_chart(level=level), time=t) for t in times)
        make_import(player, *plays)
    make_import(player, play(make_chart(), time=NOON + 5 * DAY))
    sessions = api.get(of(player, "/sessions/best")).json()["body"]
    started = [session["timeStarted"] for session in sessions]
    assert started == [NOON + DAY, NOON, NOON + 5 * DAY]


def test_a_session_rated_below_zero_is_before_one_without_a_rating(api, player):
    for day in range(2):
        make_import(player, play(make_chart(), time=NOON + day * DAY))
    later = Session.objects.filter(time_started=NOON + DAY)
    later.update(ratings={"ProfileVF6": -1.5})
    sessions = api.get(of(player, "/sessions/best")).json()["body"]
    assert [session["timeStarted"] for session in sessions] == [NOON + DAY, NOON]


def test_everything_at_once_is_asked_for_rarely(api, player):
    make_import(player, play(make_chart()))
    statuses = [api.get(of(player, "/scores/all")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
