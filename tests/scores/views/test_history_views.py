"""What a player has played in one game: most often, last, highlighted, looked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.undo.revert import revert_import
from scores.edits import edit_session
from scores.models import Session
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
READS = [
    "most-played",
    "pbs?search=song",
    "scores?search=song",
    "sessions?search=",
    "sessions/highlighted",
    "sessions/last",
    "sessions/calendar",
]


@pytest.fixture
def player():
    return make_user("Nimble")


def read(api, rest, status=200):
    answer = api.get(f"/api/v1/users/nimble/games/sdvx/Single/{rest}")
    assert answer.status_code == status, answer.json()
    return answer.json().get("body")


def mark(session, **written):
    edit_session(session, **{"highlight": True, **written})


def test_charts_are_listed_by_how_often_they_were_played(api, player):
    often, once = make_chart(), make_chart()
    import_ = make_import(player, *(play(often, 9_000_000 + n) for n in range(3)))
    make_import(player, play(once), play(often, 8_000_000))
    body = read(api, "most-played")
    assert [each["__playcount"] for each in body["pbs"]] == [4, 1]
    assert [each["chartID"] for each in body["pbs"]] == [often.chart_id, once.chart_id]
    assert {each["chartID"] for each in body["charts"]} == {
        often.chart_id,
        once.chart_id,
    }
    assert len(body["songs"]) == 2
    revert_import(import_, OPERATOR)
    assert [each["__playcount"] for each in read(api, "most-played")["pbs"]] == [1, 1]


@pytest.mark.parametrize(("rest", "key"), [("pbs", "pbs"), ("scores", "scores")])
def test_what_was_played_is_found_by_its_song(api, player, rest, key):
    sun = make_chart(song=make_song(title="Sun", artist="Camellia"))
    moon = make_chart(song=make_song(title="Moon"))
    plays = [play(sun, 9_000_000 + n, NOON + n * DAY) for n in range(40)]
    make_import(player, *plays, play(moon))
    make_import(make_user(), play(sun, 9_900_000, NOON + 60 * DAY))
    body = read(api, f"{rest}?search=camel")
    assert {each["chartID"] for each in body[key]} == {sun.chart_id}
    assert len(body[key]) == (30 if key == "scores" else 1)
    assert [each["chartID"] for each in body["charts"]] == [sun.chart_id]
    assert [each["title"] for each in body["songs"]] == ["Sun"]
    if key == "scores":
        times = [each["timeAchieved"] for each in body[key]]
        assert times == [NOON + n * DAY for n in range(39, 9, -1)]
    nothing = read(api, f"{rest}?search=stars")
    assert nothing == {key: [], "songs": [], "charts": []}


@pytest.mark.parametrize("rest", ["pbs", "scores", "sessions"])
def test_something_has_to_be_looked_for(api, player, rest):
    make_import(player, play(make_chart()))
    read(api, rest, 400)


def test_sessions_are_found_by_the_name_that_they_show(api, player):
    chart = make_chart()
    plays = (play(chart, 9_000_000 + n, NOON + n * DAY) for n in range(5))
    make_import(player, *plays)
    third = Session.objects.order_by("time_started")[2]
    edit_session(third, name="Grand Finale")
    [found] = read(api, "sessions?search=finale")
    assert (found["sessionID"], found["name"]) == (third.session_id, "Grand Finale")
    assert 0 < found["__textScore"] <= 1
    first = read(api, "sessions/calendar")[0]
    name = first["name"].upper().replace(" ", "%20")
    assert first["sessionID"] in {
        each["sessionID"] for each in read(api, f"sessions?search={name}")
    }


def test_highlighted_sessions_are_those_that_show_it(api, player):
    chart = make_chart()
    import_ = make_import(
        player, *(play(chart, 9_000_000 + n, NOON + n * DAY) for n in range(4))
    )
    assert read(api, "sessions/highlighted") == []
    first, second, third, _ = Session.objects.order_by("time_started")
    mark(first)
    mark(second)
    mark(third)
    edit_session(second, highlight=False)
    listed = read(api, "sessions/highlighted")
    assert [each["sessionID"] for each in listed] == [
        third.session_id,
        first.session_id,
    ]
    assert all(each["highlight"] and each["__scoreInfo"] for each in listed)
    make_import(player, play(chart, 1_000_000))
    revert_import(import_, OPERATOR)
    assert read(api, "sessions/highlighted") == []


def test_the_last_session_is_told_with_what_improved(api, player):
    chart = make_chart()
    make_import(player, play(chart, 8_000_000))
    read(api, "sessions/last", 404)
    make_import(
        player, play(chart, 9_000_000, NOON), play(chart, 9_500_000, NOON + DAY)
    )
    body = read(api, "sessions/last")
    assert set(body) == {"session", "scoreInfo"}
    assert body["session"]["timeStarted"] == NOON + DAY
    assert body["scoreInfo"][0]["deltas"]["score"] == 500_000


def test_a_calendar_is_of_the_game(api, player):
    make_import(player, play(make_chart(), time=NOON))
    make_import(
        player,
        play(make_chart("usc", "Controller"), time=NOON),
        game="usc",
        playtype="Controller",
    )
    [event] = read(api, "sessions/calendar")
    assert (event["game"], event["timeStarted"]) == ("sdvx", NOON)


@pytest.mark.parametrize("rest", READS)
def test_there_is_nothing_where_nothing_was_played(api, player, rest):
    read(api, rest, 404)
    for path in ("nobody/games/sdvx/Single", "nimble/games/chess/Single"):
        status = 404 if "nobody" in path else 400
        assert api.get(f"/api/v1/users/{path}/{rest}").status_code == status


@pytest.mark.parametrize("rest", READS)
def test_many_take_as_many_statements_as_one(api, player, rest):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            read(api, rest)
        return len(captured)

    make_import(player, play(make_chart(), time=NOON))
    mark(Session.objects.get())
    one = statements()
    days = range(1, 9)
    make_import(player, *(play(make_chart(), time=NOON + n * DAY) for n in days))
    for session in Session.objects.all():
        mark(session)
    assert statements() <= one
    assert one <= 15
