import pytest

from imports.undo.revert import revert_import
from scores.models import Score, ScoreBlock, ScoreEdit
from scores.views import scores as views
from tachi.accounts.models import AuthLevel
from tests.factories import (
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
def score(owner):
    return make_import(owner, play(make_chart(), comment="as sent")).scores.get()


@pytest.fixture
def path(score):
    return f"/api/v1/scores/{score.score_id}"


def test_a_score_is_public(api, score, path):
    body = api.get(path).json()["body"]
    assert set(body) == {"score"}
    assert body["score"]["scoreID"] == score.score_id
    assert body["score"]["comment"] == "as sent"
    assert body["score"]["highlight"] is False


@pytest.mark.parametrize("query", ["?getRelated", "?getRelated=true", "?getRelated=0"])
def test_related_documents_come_along_when_asked_for(api, path, owner, query):
    body = api.get(path + query).json()["body"]
    assert body["user"]["id"] == owner.pk
    assert body["chart"]["chartID"] == body["score"]["chartID"]
    assert body["song"]["id"] == body["score"]["songID"]


@pytest.mark.parametrize("score_id", ["nope", "T" + "0" * 64, "T" + "ä" * 64])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_score_is_404_before_anything_else(api, method, score_id):
    answer = api.send(method, f"/api/v1/scores/{score_id}", {"nonsense": 1})
    assert answer.status_code == 404
    assert answer.json()["description"] == "This score does not exist."


def test_an_edit_answers_with_the_score_as_it_is_then(api, owner, path):
    token = make_token(owner, "customise_score")
    answer = api.patch(path, {"comment": "hello there"}, token=token)
    assert answer.json()["body"]["comment"] == "hello there"
    answer = api.patch(path, {"comment": None, "highlight": True}, token=token)
    assert answer.json()["body"]["comment"] is None
    assert answer.json()["body"]["highlight"] is True
    assert api.get(path).json()["body"]["score"] == answer.json()["body"]


def test_a_highlight_leaves_the_comment_as_it_was_sent(api, owner, path):
    token = make_token(owner, "customise_score")
    answer = api.patch(path, {"highlight": True}, token=token)
    assert answer.json()["body"]["comment"] == "as sent"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"comment": ""}, "[comment]"),
        ({"comment": "x" * 121}, "[comment]"),
        ({"comment": "🎵" * 61}, "[comment]"),
        ({"highlight": None}, "[highlight]"),
        ({"highlight": "true"}, "[highlight]"),
        ({"score": 1}, "[null]"),
        ({}, "modifies nothing"),
    ],
)
def test_an_edit_has_to_make_sense(api, owner, path, body, says):
    answer = api.patch(path, body, token=make_token(owner, "customise_score"))
    assert answer.status_code == 400
    assert says in answer.json()["description"]


def test_editing_is_refused_in_the_order_of_the_contract(api, owner, path):
    nonsense = {"nonsense": 1}
    stranger = make_token(make_user(), "customise_score")
    admin = make_token(make_user(auth_level=AuthLevel.ADMIN), "customise_score")
    assert api.patch(path, nonsense).status_code == 401
    assert api.patch(path, nonsense, token=stranger).status_code == 403
    assert api.patch(path, nonsense, token=admin).status_code == 403
    powerless = api.patch(path, nonsense, token=make_token(owner))
    assert powerless.status_code == 403
    assert "customise_score" in powerless.json()["description"]


def test_deleting_is_refused_in_the_order_of_the_contract(api, owner, path):
    nonsense = {"blacklist": "yes"}
    stranger = api.delete(path, nonsense, token=make_token(make_user(), "delete_score"))
    powerless = make_token(owner)
    assert api.delete(path, nonsense).status_code == 401
    assert stranger.status_code == 403
    assert "You are not authorised" in stranger.json()["description"]
    assert api.delete(path, nonsense, token=powerless).status_code == 400
    assert "delete_score" in api.delete(path, token=powerless).json()["description"]
    assert Score.objects.count() == 1


def test_a_deleted_score_is_gone_and_a_second_delete_is_404(api, owner, path):
    token = make_token(owner, "delete_score")
    assert api.delete(path, token=token).json()["body"] == {}
    assert api.get(path).status_code == 404
    assert api.delete(path, token=token).status_code == 404


def test_a_blocked_score_is_kept_as_the_document_it_was(api, owner, path):
    document = api.get(path).json()["body"]["score"]
    api.delete(path, {"blacklist": True}, token=make_token(owner, "delete_score"))
    assert ScoreBlock.objects.get().score == document


def test_an_admin_deletes_for_another_by_session_only(api, path):
    admin = make_user(auth_level=AuthLevel.ADMIN)
    token = make_token(admin, "delete_score")
    assert api.delete(path, token=token).status_code == 403
    answer = api.login(admin).delete(path)
    assert (answer.status_code, answer.json()["body"]) == (200, {})


def test_a_wrong_method_is_an_unknown_endpoint(api, path):
    answer = api.post(path, {})
    assert answer.status_code == 404
    assert answer.json() == {"success": False, "description": "Endpoint Not Found."}


def test_a_score_that_was_just_reverted_is_404(api, owner, score, path, monkeypatch):
    edit_score = views.edit_score

    def revert_and_edit(score, by, **changes):
        revert_import(score.source_import, OPERATOR)
        return edit_score(score, by, **changes)

    monkeypatch.setattr(views, "edit_score", revert_and_edit)
    token = make_token(owner, "customise_score")
    answer = api.patch(path, {"highlight": True}, token=token)
    assert answer.status_code == 404
    assert answer.json()["description"] == "This score does not exist."
    assert not ScoreEdit.objects.exists()
