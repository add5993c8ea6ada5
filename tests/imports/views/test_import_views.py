from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import Import, Revert, State
from scores.models import Score
from tachi.accounts.models import AuthLevel
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


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def import_(owner):
    return make_import(owner, play(make_chart(), time=NOON))


def path_of(import_, rest=""):
    return f"/api/v1/imports/{import_.import_id}{rest}"


def statements(api, path):
    with CaptureQueriesContext(connection) as captured:
        assert api.get(path).status_code == 200
    return len(captured)


def test_an_import_comes_with_all_that_is_in_it(api, owner, import_):
    body = api.get(path_of(import_)).json()["body"]
    (score,) = body["scores"]
    (session,) = body["sessions"]
    assert body["user"]["id"] == owner.pk
    assert body["import"]["importID"] == import_.import_id
    assert body["import"]["scoreIDs"] == [score["scoreID"]]
    assert body["charts"][0]["chartID"] == score["chartID"]
    assert body["songs"][0]["id"] == score["songID"]
    assert body["import"]["createdSessions"] == [
        {"sessionID": session["sessionID"], "type": "Created"}
    ]


def test_a_document_never_has_a_url_nor_a_link_in_its_place(api, import_):
    document = api.get(path_of(import_)).json()["body"]["import"]
    assert list(document) == [
        "importID",
        "userID",
        "importType",
        "userIntent",
        "game",
        "playtypes",
        "gptStrings",
        "scoreIDs",
        "errors",
        "createdSessions",
        "appendedSessions",
        "classDeltas",
        "goalInfo",
        "questInfo",
        "counts",
        "timeStarted",
        "timeFinished",
    ]
    assert document["timeStarted"] <= document["timeFinished"]


def test_an_import_without_anything_new_is_empty_but_there(api, owner):
    document = api.get(path_of(make_import(owner))).json()["body"]["import"]
    assert document["game"] == "sdvx"
    for key in ("playtypes", "gptStrings", "scoreIDs", "errors", "createdSessions"):
        assert document[key] == []
    assert document["counts"]["total"] == 0


def test_a_session_is_created_by_one_import_and_appended_to_by_the_next(
    api, owner, import_
):
    second = make_import(
        owner,
        play(make_chart(), time=NOON + 1),
        play(make_chart(), time=NOON + 9 * HOUR),
    )
    (first,) = api.get(path_of(import_)).json()["body"]["import"]["createdSessions"]
    body = api.get(path_of(second)).json()["body"]
    assert body["import"]["appendedSessions"] == [
        {"sessionID": first["sessionID"], "type": "Appended"}
    ]
    created = [session["sessionID"] for session in body["import"]["createdSessions"]]
    assert [session["sessionID"] for session in body["sessions"]] == created
    assert first["sessionID"] not in created
    assert len(created) == 1


def test_every_row_of_the_input_is_counted(api, owner):
    chart = make_chart()
    make_import(owner, play(chart, 1))
    sent = [
        play(chart, 1),
        play(chart, 2),
        play(987_654, 3),
        play(chart, 4, matchType="popnChartHash"),
    ]
    document = api.get(path_of(make_import(owner, *sent))).json()["body"]["import"]
    assert document["counts"] == {
        "imported": 1,
        "held": 1,
        "differing": 0,
        "filled": 0,
        "orphaned": 1,
        "rejected": 1,
        "blocked": 0,
        "total": 4,
    }
    assert [error["position"] for error in document["errors"]] == [2, 3]
    assert {error["type"] for error in document["errors"]} == {
        "SongOrChartNotFound",
        "InvalidDatapoint",
    }


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.RUNNING, State.FAILED, State.REVERTED]
)
def test_only_a_completed_import_is_there(api, owner, import_, state):
    Import.objects.filter(pk=import_.pk).update(state=state)
    answer = api.get(path_of(import_))
    assert answer.status_code == 404
    assert answer.json()["description"] == "This import does not exist."
    assert api.get("/api/v1/imports").json()["body"]["imports"] == []


def test_an_import_takes_as_many_statements_for_many_scores_as_for_one(
    api, owner, import_
):
    many = make_import(
        owner,
        *(play(make_chart(), time=NOON + i * 3 * HOUR) for i in range(1, 60)),
    )
    assert statements(api, path_of(many)) == statements(api, path_of(import_))


def test_the_lists_take_as_many_statements_for_many_imports_as_for_one(
    api, owner, import_
):
    paths = ["/api/v1/imports", f"/api/v1/users/{owner.pk}/imports"]
    one = [statements(api, path) for path in paths]
    for i in range(10):
        make_import(make_user(), play(make_chart(), time=NOON + i))
        make_import(owner, play(make_chart(), time=NOON + i * 5 * HOUR))
    assert [statements(api, path) for path in paths] == one


def test_a_revert_takes_the_import_and_its_scores_away(api, owner, import_):
    kept = make_import(owner, play(make_chart()))
    path = path_of(import_, "/revert")
    answer = api.post(path, token=make_token(owner, "delete_score"))
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    assert [score.source_import for score in Score.objects.all()] == [kept]
    assert api.get(path_of(import_)).status_code == 404
    assert Revert.objects.get().reverted_by == owner
    again = api.post(path, token=make_token(owner, "delete_score"))
    assert again.status_code == 404


def test_reverting_is_refused_in_the_order_of_the_contract(api, owner, import_):
    path = path_of(import_, "/revert")
    assert api.post("/api/v1/imports/nope/revert").status_code == 404
    assert api.post(path).status_code == 401
    stranger = make_token(make_user(), "delete_score")
    assert api.post(path, token=stranger).status_code == 403
    powerless = api.post(path, token=make_token(owner))
    assert powerless.status_code == 403
    assert "delete_score" in powerless.json()["description"]
    assert Score.objects.count() == 1


def test_an_admin_reverts_for_another_by_session_only(api, import_):
    admin = make_user(auth_level=AuthLevel.ADMIN)
    path = path_of(import_, "/revert")
    token = make_token(admin, "delete_score")
    assert api.post(path, token=token).status_code == 403
    assert api.login(admin).post(path).json()["body"] == {}
    assert not Score.objects.exists()


def test_a_revert_while_another_import_runs_is_409(api, owner, import_, settings):
    settings.REVERT_WAIT_SECONDS = 0
    Import.objects.create(
        user=owner,
        import_type="file/batch-manual",
        state=State.RUNNING,
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    path = path_of(import_, "/revert")
    answer = api.post(path, token=make_token(owner, "delete_score"))
    assert answer.status_code == 409
    assert answer.json()["success"] is False
    assert Score.objects.count() == 1


@pytest.mark.parametrize("path", ["/API/v1/Imports/", "/api/v1/imports/FAILED/"])
def test_addresses_are_in_any_case_with_or_without_a_last_slash(api, path):
    assert api.get(path).status_code == 200
