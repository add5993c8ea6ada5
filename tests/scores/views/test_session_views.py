import pytest

from imports.models import Import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import Session, SessionEdit
from scores.views import sessions as views
from tachi.accounts.models import AuthLevel
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


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def session(owner):
    make_import(owner, play(make_chart(), time=NOON))
    return Session.objects.get()


@pytest.fixture
def path(session):
    return f"/api/v1/sessions/{session.session_id}"


def test_a_session_comes_with_all_that_is_in_it(api, path, owner):
    body = api.get(path).json()["body"]
    (score,) = body["scores"]
    assert body["session"]["scoreIDs"] == [score["scoreID"]]
    assert [chart["chartID"] for chart in body["charts"]] == [score["chartID"]]
    assert [song["id"] for song in body["songs"]] == [score["songID"]]
    assert body["user"]["id"] == owner.pk
    assert body["scoreInfo"] == [{"scoreID": score["scoreID"], "isNewScore": True}]


def test_score_ids_are_in_order_of_play(api, owner):
    chart, other = make_chart(), make_chart()
    import_ = make_import(
        owner,
        play(chart, time=NOON + 2),
        play(other, time=NOON + 1),
    )
    later, earlier = import_.scores.order_by("position")
    session_id = Session.objects.get().session_id
    body = api.get(f"/api/v1/sessions/{session_id}").json()["body"]
    assert body["session"]["scoreIDs"] == [earlier.score_id, later.score_id]


def test_scores_are_compared_with_the_best_before_the_session(api, owner):
    chart = make_chart()
    make_import(
        owner,
        play(chart, 9_000_000, NOON, "CLEAR"),
        play(chart, 8_000_000, NOON + 1, "ULTIMATE CHAIN"),
        play(chart, 9_500_000, NOON + 10 * HOUR, "FAILED"),
        play(chart, 9_600_000, NOON + 10 * HOUR + 1, "FAILED"),
        play(chart, 9_999_999, NOON + 20 * HOUR, "CLEAR"),
        play(chart, 9_999_998),
    )
    session = Session.objects.get(time_started=NOON + 10 * HOUR)
    info = api.get(f"/api/v1/sessions/{session.session_id}").json()["body"]["scoreInfo"]
    assert [each["isNewScore"] for each in info] == [False, False]
    assert [each["deltas"]["score"] for each in info] == [500_000, 600_000]
    assert [each["deltas"]["lamp"] for each in info] == [-4, -4]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_session_is_404_before_anything_else(api, method):
    assert api.send(method, "/api/v1/sessions/nope").status_code == 404


def test_the_owner_names_a_session(api, owner, path):
    token = make_token(owner, "customise_session")
    changes = {"name": "Finals", "desc": "We lost.", "highlight": True}
    document = api.patch(path, changes, token=token).json()["body"]
    assert {key: document[key] for key in changes} == changes
    assert api.get(path).json()["body"]["session"] == document
    document = api.patch(path, {"desc": None, "extra": 1}, token=token).json()["body"]
    assert (document["name"], document["desc"]) == ("Finals", None)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "a"}, "[name]"),
        ({"name": "a" * 81}, "[name]"),
        ({"name": None}, "[name]"),
        ({"desc": "a"}, "[desc]"),
        ({"desc": "a" * 121}, "[desc]"),
        ({}, "modifies nothing"),
        ({"extra": 1}, "modifies nothing"),
    ],
)
def test_an_edit_has_to_make_sense(api, owner, path, body, says):
    answer = api.patch(path, body, token=make_token(owner, "customise_session"))
    assert answer.status_code == 400
    assert says in answer.json()["description"]


def test_nobody_but_the_owner_edits_a_session(api, owner, path):
    stranger = make_token(make_user(), "customise_session")
    assert api.patch(path, {}).status_code == 403
    assert api.patch(path, {}, token=stranger).status_code == 403
    powerless = api.patch(path, {"x": 1}, token=make_token(owner))
    assert powerless.status_code == 403
    assert "customise_session" in powerless.json()["description"]
    admin = make_user(auth_level=AuthLevel.ADMIN)
    assert api.login(admin).patch(path, {"name": "Mine"}).status_code == 403


@pytest.fixture
def just_before_the_edit(monkeypatch):
    def let(happen):
        edit_session = views.edit_session

        def edit(session, **changes):
            happen()
            return edit_session(session, **changes)

        monkeypatch.setattr(views, "edit_session", edit)

    return let


def test_a_session_that_was_just_reverted_is_404(
    api, owner, path, just_before_the_edit
):
    token = make_token(owner, "customise_session")
    just_before_the_edit(lambda: revert_import(Import.objects.get(), OPERATOR))
    answer = api.patch(path, {"name": "Finals"}, token=token)
    assert answer.status_code == 404
    assert answer.json()["description"] == "This session does not exist."
    assert not SessionEdit.objects.exists()


def test_a_session_that_has_just_become_part_of_an_older_one_is_404(
    api, owner, just_before_the_edit
):
    chart, other = make_chart(), make_chart()
    older = make_import(owner, play(chart, time=NOON))
    make_import(owner, play(other, time=NOON + HOUR))
    revert_import(older, OPERATOR)
    path = f"/api/v1/sessions/{Session.objects.get().session_id}"
    just_before_the_edit(lambda: restore_import(older, OPERATOR))
    token = make_token(owner, "customise_session")
    assert api.patch(path, {"name": "Finals"}, token=token).status_code == 404
    assert not SessionEdit.objects.exists()


def test_a_session_that_went_and_came_back_is_edited(
    api, owner, path, just_before_the_edit
):
    def go_and_come_back():
        import_ = Import.objects.get()
        revert_import(import_, OPERATOR)
        restore_import(import_, OPERATOR)

    just_before_the_edit(go_and_come_back)
    token = make_token(owner, "customise_session")
    document = api.patch(path, {"name": "Finals"}, token=token).json()["body"]
    assert (document["name"], len(document["scoreIDs"])) == ("Finals", 1)
