"""Previews of a revert and of a restore; reverts that are held to what was shown."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from imports.models import Import, Revert, State
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tachi.accounts.models import AuthLevel
from tests.factories import (
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.state import all_rows, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(user):
    return make_token(user, "delete_score", "submit_score")


@pytest.fixture
def import_(user):
    return make_import(user, play(make_chart(), time=NOON), play(4444))


def preview(api, verb, import_, token):
    return api.get(f"/api/v1/imports/{import_}/{verb}/preview", token=token)


def revert(api, import_, token, **body):
    return api.post(f"/api/v1/imports/{import_}/revert", body, token=token)


def test_it_is_told_and_nothing_is_changed_and_nobody_woken(api, user, owner, import_):
    preview(api, "revert", import_, owner)  # the token's last use is noted
    rows, waiting = all_rows(), OrmQ.objects.count()
    answer = preview(api, "revert", import_, owner)
    assert (all_rows(), OrmQ.objects.count()) == (rows, waiting)
    told = answer.json()["body"]
    assert list(told) == [
        "imports",
        "players",
        "scores",
        "personalBests",
        "sessions",
        "profiles",
        "classes",
        "orphans",
        "fingerprint",
    ]
    assert (told["imports"], told["orphans"]) == (1, 1)
    assert told["scores"]["list"][0]["importID"] == import_.import_id
    answer = revert(api, import_, owner, fingerprint=told["fingerprint"])
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    rows = all_rows()
    told = preview(api, "restore", import_, owner).json()["body"]
    assert all_rows() == rows
    assert (told["scores"]["added"], told["orphans"]) == (1, 1)
    assert restore_import(import_, OPERATOR) == 1


def test_a_stale_fingerprint_reverts_nothing_and_gets_a_fresh_preview(
    api, user, owner, import_
):
    shown = preview(api, "revert", import_, owner).json()["body"]
    chart = import_.scores.get().chart
    make_import(user, play(chart, time=NOON))
    before = state_of(user)
    answer = revert(api, import_, owner, fingerprint=shown["fingerprint"], block=True)
    assert answer.status_code == 409
    assert not answer.json()["success"]
    assert state_of(user) == before
    assert not Revert.objects.exists()
    fresh = answer.json()["body"]
    assert fresh == preview(api, "revert", import_, owner).json()["body"]
    assert (fresh["scores"]["kept"], shown["scores"]["kept"]) == (1, 0)
    done = revert(api, import_, owner, fingerprint=fresh["fingerprint"], block=True)
    assert done.status_code == 200


@pytest.mark.parametrize("wrong", [None, 5, True, [], {}, "x" * 1001])
def test_a_fingerprint_is_a_text(api, owner, import_, wrong):
    answer = revert(api, import_, owner, fingerprint=wrong)
    assert answer.status_code == 400
    assert "[fingerprint]" in answer.json()["description"]
    assert Import.objects.get().state == State.COMPLETED


@pytest.mark.parametrize("stale", ["", "x", "\0", "é" * 64, "0" * 64])
def test_any_other_text_is_stale(api, owner, import_, stale):
    assert revert(api, import_, owner, fingerprint=stale).status_code == 409
    assert Import.objects.get().state == State.COMPLETED


def test_each_state_has_one_of_them(api, user, owner, import_):
    answer = preview(api, "restore", import_, owner)
    text = "This import is not reverted: it is completed."
    assert (answer.status_code, answer.json()["description"]) == (409, text)
    queued = make_row(user)
    for verb, wanted in (("revert", "completed"), ("restore", "reverted")):
        answer = preview(api, verb, queued, owner)
        text = f"This import is not {wanted}: it is queued."
        assert (answer.status_code, answer.json()["description"]) == (409, text)
    revert_import(import_, OPERATOR)
    assert preview(api, "revert", import_, owner).status_code == 409
    Revert.objects.update(reverted_at=timezone.now() - timedelta(days=31))
    answer = preview(api, "restore", import_, owner)
    assert answer.status_code == 409
    assert "more than 30 days ago" in answer.json()["description"]


def test_to_everybody_else_a_reverted_import_is_not_there(api, owner, import_):
    revert_import(import_, OPERATOR)
    stranger = make_token(make_user(), "delete_score")
    admin = make_user("boss", password="a password", auth_level=AuthLevel.ADMIN)
    for verb in ("revert", "restore"):
        assert preview(api, verb, import_, stranger).status_code == 404
    api.client.force_login(admin)
    assert api.get(f"/api/v1/imports/{import_}/restore/preview").status_code == 200


def test_too_many_scores_are_for_a_worker(api, owner, import_, settings):
    settings.PREVIEW_SCORES = 0
    for answer in (
        preview(api, "revert", import_, owner),
        revert(api, import_, owner, fingerprint="0"),
    ):
        assert answer.status_code == 409
        assert "made by a worker" in answer.json()["description"]
    assert revert(api, import_, owner).status_code == 200
    assert preview(api, "restore", import_, owner).status_code == 409
