"""What is not kept here is empty, in the shape that clients read without looking."""

import pytest

from scores.models import Session
from tests.factories import NOON, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db

PLAYED = "/api/v1/users/nimble/games/sdvx/Single"
NO_TARGETS = {"goals": [], "goalSubs": [], "quests": [], "questSubs": []}


@pytest.fixture
def player():
    return make_user("Nimble")


@pytest.fixture
def chart():
    return make_chart()


def test_a_player_has_no_targets_and_no_showcase(api, player, chart):
    make_import(player, play(chart))
    subscriptions = api.get(f"{PLAYED}/targets/all-subs").json()["body"]
    assert subscriptions == {"goalSubs": [], "questSubs": []}
    on_chart = api.get(f"{PLAYED}/targets/on-chart/{chart.chart_id}")
    assert on_chart.json()["body"] == NO_TARGETS
    assert api.get(f"{PLAYED}/targets/on-chart/nothing").status_code == 404
    assert api.get(f"{PLAYED}/showcase").json()["body"] == []


def test_who_has_not_played_has_nothing_at_all(api, player, chart):
    for rest in ("targets/all-subs", f"targets/on-chart/{chart.chart_id}", "showcase"):
        assert api.get(f"{PLAYED}/{rest}").status_code == 404


def test_a_game_has_no_tables(api, db):
    assert api.get("/api/v1/games/sdvx/Single/tables").json()["body"] == []
    assert api.get("/api/v1/games/sdvx/DP/tables").status_code == 400
    assert api.get("/api/v1/games/chess/Single/tables").status_code == 400


def test_a_form_that_reads_the_default_table_finds_one_that_it_does_not_offer(api, db):
    tables = api.get("/api/v1/games/sdvx/Single/tables?showInactive=true").json()[
        "body"
    ]
    [default] = [each for each in tables if each["default"]]
    assert default["inactive"] is True
    assert default["folders"] == []


def test_a_session_raises_nothing_in_folders(api, player, chart):
    make_import(player, play(chart, time=NOON))
    path = f"/api/v1/sessions/{Session.objects.get().session_id}/folder-raises"
    assert api.get(path).json()["body"] == []
    assert api.get("/api/v1/sessions/nothing/folder-raises").status_code == 404
