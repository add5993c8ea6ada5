"""What a user has played in all games together."""

import time

import pytest

from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import edit_session
from scores.models import Session
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
NOTHING = {
    "recentFolders": [],
    "recentFolderStats": [],
    "recentAchievedGoals": [],
    "recentGoals": [],
    "recentImprovedGoals": [],
}


@pytest.fixture
def player():
    return make_user("Nimble")


def now():
    return int(time.time() * 1000)


def test_a_summary_is_of_the_last_sixteen_hours(api, player):
    chart = make_chart()
    make_import(
        player,
        play(chart, 9_000_000, now() - 17 * HOUR),
        play(chart, 9_000_001, now() - 14 * HOUR),
        play(chart, 9_000_002, now() - HOUR),
        play(chart, 9_000_003, now() - HOUR + 1),
        play(chart, 9_000_004),
    )
    make_import(make_user(), play(chart, 9_000_005, now()))
    body = api.get("/api/v1/users/nimble/recent-summary").json()["body"]
    assert body["recentPlaycount"] == 3
    assert [len(each["scoreIDs"]) for each in body["recentSessions"]] == [2, 1]
    assert {key: body[key] for key in NOTHING} == NOTHING


def test_who_has_played_nothing_has_an_empty_summary(api, player):
    answer = api.get("/api/v1/users/me/recent-summary", token=make_token(player))
    empty = {"recentPlaycount": 0, "recentSessions": [], **NOTHING}
    assert answer.json()["body"] == empty


def test_a_revert_and_a_restore_are_in_the_next_summary(api, player):
    import_ = make_import(player, play(make_chart(), 9_000_000, now()))

    def summary():
        body = api.get("/api/v1/users/nimble/recent-summary").json()["body"]
        return body["recentPlaycount"], len(body["recentSessions"])

    assert summary() == (1, 1)
    revert_import(import_, OPERATOR)
    assert summary() == (0, 0)
    import_.refresh_from_db()
    restore_import(import_, OPERATOR)
    assert summary() == (1, 1)


def test_scores_and_sessions_of_all_games_are_counted(api, player):
    assert api.get("/api/v1/users/nimble/stats").json()["body"] == {
        "scores": 0,
        "sessions": 0,
    }
    make_import(player, play(make_chart(), time=NOON), play(make_chart()))
    make_import(
        player,
        play(make_chart("usc", "Controller"), time=NOON),
        game="usc",
        playtype="Controller",
    )
    make_import(make_user(), play(make_chart(), time=NOON))
    assert api.get("/api/v1/users/nimble/stats").json()["body"] == {
        "scores": 3,
        "sessions": 2,
    }


def test_a_calendar_has_all_sessions_with_what_was_written_on_them(api, player):
    chart = make_chart()
    plays = (play(chart, 9_000_000 + n, NOON + n * 24 * HOUR) for n in range(3))
    make_import(player, *plays)
    second = Session.objects.order_by("time_started")[1]
    edit_session(second, name="An evening", description="of many", highlight=True)
    body = api.get("/api/v1/users/nimble/sessions/calendar").json()["body"]
    assert [each["timeStarted"] for each in body] == [
        NOON + n * 24 * HOUR for n in range(3)
    ]
    assert body[1] == {
        "sessionID": second.session_id,
        "name": "An evening",
        "desc": "of many",
        "highlight": True,
        "timeStarted": NOON + 24 * HOUR,
        "timeEnded": NOON + 24 * HOUR,
        "game": "sdvx",
        "playtype": "Single",
    }
    shown = api.get(f"/api/v1/sessions/{body[0]['sessionID']}").json()["body"]
    assert body[0]["name"] == shown["session"]["name"]


@pytest.mark.parametrize("path", ["recent-summary", "stats", "sessions/calendar"])
def test_a_user_has_to_be_there(api, db, path):
    assert api.get(f"/api/v1/users/nobody/{path}").status_code == 404
    assert api.get(f"/api/v1/users/me/{path}").status_code == 401
