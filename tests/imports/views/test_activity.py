"""What players did lately, and what a revert takes away of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import Import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import edit_score
from scores.games import GAMES
from scores.models import Score
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db

SDVX, USC = "sdvx:Single", "usc:Controller"
DAY = 24 * HOUR
LISTS = (
    "recentSessions recentlyHighlightedScores songs charts achievedClasses users "
    "goals goalSubs quests questSubs"
).split()
ONE_GAME = ["games/sdvx/Single/activity", "users/nimble/games/sdvx/Single/activity"]
BY_GAME = ["activity", "users/nimble/activity"]


@pytest.fixture
def player():
    return make_user("Nimble")


@pytest.fixture
def chart():
    return make_chart()


def body(api, path):
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["body"]


def of_sdvx(api, path):
    found = body(api, path)
    return found[SDVX] if path in BY_GAME else found


def highlight(score=None):
    edit_score(
        score or Score.objects.order_by("-time_achieved").first(), highlight=True
    )


def started(sessions):
    return [each["timeStarted"] for each in sessions]


@pytest.mark.parametrize("path", [*ONE_GAME, *BY_GAME])
def test_sessions_highlights_and_classes_are_there_with_all_that_they_refer_to(
    api, player, chart, path
):
    make_import(
        player,
        play(chart, 9_000_000, NOON),
        play(make_chart(), 9_000_001, NOON + DAY),
        classes={"dan": "DAN_5"},
    )
    highlight(Score.objects.get(time_achieved=NOON))
    found = of_sdvx(api, path)
    assert list(found) == LISTS
    assert started(found["recentSessions"]) == [NOON + DAY, NOON]
    [score] = found["recentlyHighlightedScores"]
    assert (score["timeAchieved"], score["highlight"]) == (NOON, True)
    assert [each["chartID"] for each in found["charts"]] == [score["chartID"]]
    assert [each["id"] for each in found["songs"]] == [score["songID"]]
    assert [each["id"] for each in found["users"]] == [player.pk]
    dan = {each["classSet"]: each for each in found["achievedClasses"]}["dan"]
    assert dan == {
        "userID": player.pk,
        "game": "sdvx",
        "playtype": "Single",
        "classSet": "dan",
        "classOldValue": None,
        "classValue": "DAN_5",
        "timeAchieved": Score.objects.first().time_added,
    }


@pytest.mark.parametrize("path", [*ONE_GAME, *BY_GAME])
def test_a_revert_takes_all_of_it_away_and_a_restore_brings_it_back(
    api, player, chart, path
):
    make_import(player, play(chart, 8_000_000, NOON - DAY))
    before = of_sdvx(api, path)
    import_ = make_import(
        player, play(chart, 9_000_000, NOON), classes={"dan": "DAN_5"}
    )
    highlight()
    there = of_sdvx(api, path)
    assert len(there["recentlyHighlightedScores"]) == 1
    assert there["achievedClasses"][0]["classValue"]
    revert_import(import_, OPERATOR)
    assert of_sdvx(api, path) == before
    restore_import(Import.objects.get(pk=import_.pk), OPERATOR)
    assert of_sdvx(api, path) == there


def test_a_class_is_achieved_when_it_is_better_than_the_one_before(api, player, chart):
    for score, dan in (
        (8_000_000, "DAN_3"),
        (8_000_001, "DAN_7"),
        (8_000_002, "DAN_5"),
    ):
        make_import(player, play(chart, score), classes={"dan": dan})
    achieved = of_sdvx(api, ONE_GAME[0])["achievedClasses"]
    assert [
        (each["classOldValue"], each["classValue"])
        for each in achieved
        if each["classSet"] == "dan"
    ] == [("DAN_3", "DAN_7"), (None, "DAN_3")]


@pytest.mark.parametrize("path", [*ONE_GAME, "users/nimble/activity"])
def test_what_others_did_elsewhere_is_not_there(api, player, chart, path):
    make_import(player, play(chart, time=NOON))
    make_import(
        make_user(),
        play(make_chart("usc", "Controller"), time=NOON + DAY),
        game="usc",
        playtype="Controller",
        classes={"dan": "DAN_5"} if "dan" in GAMES[USC].classes else None,
    )
    if path.startswith("users"):
        make_import(
            make_user(), play(chart, time=NOON + 2 * DAY), classes={"dan": "DAN_5"}
        )
    found = of_sdvx(api, path)
    assert started(found["recentSessions"]) == [NOON]
    assert [each["id"] for each in found["users"]] == [player.pk]


def test_the_site_tells_of_every_game_and_a_user_of_those_that_they_played(
    api, player, chart
):
    make_import(player, play(chart, time=NOON))
    assert set(body(api, "activity")) == set(GAMES)
    assert set(body(api, "users/nimble/activity")) == {SDVX}
    make_user("nobody_yet")
    assert body(api, "users/nobody_yet/activity") == {}


@pytest.mark.parametrize("path", [*ONE_GAME, *BY_GAME])
def test_pages_go_on_where_the_last_session_began(api, player, chart, path):
    plays = [play(chart, 9_000_000 + n, NOON + n * DAY) for n in range(40)]
    make_import(player, *plays)
    for score in Score.objects.all():
        highlight(score)
    first = of_sdvx(api, path)
    assert len(first["recentSessions"]) == 30
    assert len(first["recentlyHighlightedScores"]) == 30
    last = min(started(first["recentSessions"]))
    answer = api.get(f"/api/v1/{path}?startTime={last}").json()["body"]
    second = answer[SDVX] if path in BY_GAME else answer
    assert len(second["recentSessions"]) == len(second["recentlyHighlightedScores"])
    assert sorted(
        started(first["recentSessions"]) + started(second["recentSessions"])
    ) == [NOON + n * DAY for n in range(40)]


def test_classes_since_the_oldest_session_of_a_page_are_on_it(api, player, chart):
    import_ = make_import(
        player,
        *[play(chart, 9_000_000 + n, NOON + n * DAY) for n in range(12)],
        classes={"dan": "DAN_5"},
    )
    path = f"{ONE_GAME[0]}?sessions=10"
    assert of_sdvx(api, path)["achievedClasses"]
    finished = import_.finished_at.timestamp() * 1000
    assert not of_sdvx(api, f"{path}&startTime={NOON + 11 * DAY}")["achievedClasses"]
    assert of_sdvx(api, f"{path}&startTime={finished + 1000}")["achievedClasses"]


@pytest.mark.parametrize("path", [*ONE_GAME, *BY_GAME])
@pytest.mark.parametrize(
    "query", ["startTime=soon", "startTime=nan", "startTime=1e999", "sessions=9"]
)
def test_what_is_no_time_or_number_is_told(api, player, chart, path, query):
    make_import(player, play(chart, time=NOON))
    assert api.get(f"/api/v1/{path}?{query}").status_code == 400


@pytest.mark.parametrize("moment", ["-9e15", "9e15", "-1", "0", "1.5", ""])
def test_any_moment_will_do(api, player, chart, moment):
    make_import(player, play(chart, time=NOON), classes={"dan": "DAN_5"})
    for path in ("activity", *ONE_GAME):
        assert api.get(f"/api/v1/{path}?startTime={moment}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("games/chess/Single/activity", 400),
        ("games/sdvx/DP/activity", 400),
        ("users/nobody/activity", 404),
        ("users/me/activity", 401),
        ("users/nimble/games/sdvx/Single/activity", 404),
        ("users/nimble/games/chess/Single/activity", 400),
    ],
)
def test_there_is_none_of_what_is_not_there(api, player, path, status):
    assert api.get(f"/api/v1/{path}").status_code == status


@pytest.mark.parametrize("path", [*ONE_GAME, *BY_GAME])
def test_much_of_it_takes_as_many_statements_as_a_little(api, player, path):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            body(api, path)
        return len(captured)

    def live(user, days):
        plays = [play(make_chart(), 9_000_000, NOON + n * DAY) for n in days]
        make_import(user, *plays, classes={"dan": f"DAN_{1 + days[0]}"})
        for score in Score.objects.filter(user=user):
            highlight(score)

    live(player, range(1))
    few = statements()
    live(player, range(1, 9))
    live(make_user(), range(9))
    assert statements() == few
    assert few <= 16


def test_a_token_of_the_player_finds_it_as_me(api, player, chart):
    make_import(player, play(chart, time=NOON))
    answer = api.get("/api/v1/users/me/activity", token=make_token(player))
    assert answer.json()["body"] == body(api, "users/nimble/activity")


def test_who_has_achieved_a_class_without_a_play_is_among_the_users(api, player):
    make_import(player, classes={"dan": "DAN_3"})
    for path in ONE_GAME + BY_GAME:
        found = of_sdvx(api, path)
        assert [each["userID"] for each in found["achievedClasses"]] == [player.pk]
        assert [each["id"] for each in found["users"]] == [player.pk]
