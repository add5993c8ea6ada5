"""What profiles were on each day."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string

from imports.tasks import DAILY
from imports.undo.revert import revert_import
from scores import snapshots
from scores.models import GameStats, ProfileSnapshot
from tachi.jobs.run import run_to_end
from tests.factories import OPERATOR, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart():
    return make_chart()


@pytest.fixture
def player(chart):
    player = make_user("Nimble")
    make_import(player, play(chart, 9_000_000), play(chart, 9_000_001))
    return player


def run_daily():
    import_string(DAILY["snapshots"][0])()
    return run_to_end(snapshots.start(), lambda *told: None)


def history(api, rest=""):
    answer = api.get(f"/api/v1/users/nimble/games/sdvx/Single/history{rest}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["body"]


def days_ago(days):
    moment = timezone.now() - timedelta(days=days)
    taken = snapshots.take(GameStats.objects.all(), moment.date())
    for each in taken:
        each.taken_at = moment
    ProfileSnapshot.objects.bulk_create(taken)


def test_history_is_never_empty(api, player):
    make_import(make_user(), play(make_chart(), 9_999_999))
    [now] = history(api)
    stats = api.get("/api/v1/users/nimble/games/sdvx/Single").json()["body"]
    assert now == {
        "ratings": stats["gameStats"]["ratings"],
        "classes": stats["gameStats"]["classes"],
        "rankings": stats["rankingData"],
        "playcount": 2,
        "timestamp": now["timestamp"],
    }


def test_every_profile_has_one_snapshot_of_a_day(api, player, chart):
    other = make_user()
    make_import(other, play(chart, 10_000_000))
    [now] = history(api)
    run_daily()
    run_daily()
    taken = ProfileSnapshot.objects.values_list("user", "day")
    assert sorted(taken) == [
        (player.pk, timezone.now().date()),
        (other.pk, timezone.now().date()),
    ]
    current, today = history(api)
    assert today == now | {"timestamp": today["timestamp"]}
    assert current["timestamp"] >= today["timestamp"]
    assert today["rankings"]["VF6"] == {"ranking": 2, "outOf": 2}


def test_a_snapshot_is_a_fact_of_its_day(api, player, chart):
    run_daily()
    _, before = history(api)
    import_ = make_import(player, play(chart, 10_000_000))
    revert_import(import_, OPERATOR)
    make_import(player, play(chart, 9_900_000))
    now, after = history(api)
    assert after == before
    assert now["playcount"] == 3


def test_more_players_than_a_step_takes_are_all_there(chart, monkeypatch):
    monkeypatch.setattr(snapshots, "AT_ONCE", 2)
    for score in range(5):
        make_import(make_user(), play(chart, 9_000_000 + score * 200_000))
    job = run_daily()
    assert job.result == {"profiles": 5}
    found = ProfileSnapshot.objects.order_by("user")
    ranks = [each.rankings["VF6"]["ranking"] for each in found]
    assert ranks == [5, 4, 3, 2, 1]


def test_ranks_are_those_that_are_counted(api, chart):
    for score in (9_000_000, 9_000_000, 8_000_000):
        make_import(make_user(), play(chart, score))
    make_import(make_user(), classes={"dan": "DAN_3"})
    for each in snapshots.take(
        GameStats.objects.filter(gpt="sdvx:Single"), date.today()
    ):
        stats = api.get(f"/api/v1/users/{each.user_id}/games/sdvx/Single").json()
        assert each.rankings == stats["body"]["rankingData"]


@pytest.mark.parametrize(
    ("query", "days"),
    [("week", [6]), ("month", [6, 29]), ("", [6, 29, 89]), ("year", [6, 29, 89, 364])],
)
def test_a_duration_is_so_long(api, player, query, days):
    for day in (6, 29, 89, 364, 400):
        days_ago(day)
    rest = f"?duration={query}" if query else ""
    now = timezone.now().timestamp() * 1000
    found = [
        round((now - each["timestamp"]) / 86_400_000) for each in history(api, rest)
    ]
    assert found == [0, *days]


def test_a_history_is_of_the_player_in_the_game(api, player, chart):
    make_import(make_user(), play(chart, 8_000_000))
    days_ago(2)
    ProfileSnapshot.objects.update(gpt="usc:Controller")
    days_ago(1)
    assert len(history(api)) == 2


def test_another_duration_is_told(api, player):
    path = "/api/v1/users/nimble/games/sdvx/Single/history?duration=ever"
    assert api.get(path).status_code == 400
    assert api.get(path.replace("sdvx/Single", "iidx/SP")).status_code == 404
    assert api.get(path.replace("sdvx", "chess")).status_code == 400


def test_many_days_take_as_many_statements_as_one(api, player):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            history(api)
        return len(captured)

    days_ago(1)
    one = statements()
    for day in range(2, 20):
        days_ago(day)
    assert statements() == one
