"""A ban, a revoked token and a deleted account stop what is not written yet."""

import logging
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection, transaction

from imports import at_once, pipeline, tasks
from imports.models import Import, State
from imports.pipeline import AccountGone, Sent, run_inline
from imports.queue import leases
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Score
from tachi.accounts.models import ApiToken, AuthLevel, User
from tests.factories import (
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
    send,
)
from tests.imports.queue.test_leases import woken
from tests.locking import PATIENCE, held_elsewhere

pytestmark = pytest.mark.django_db
BANNED = "This import was cancelled, because its user is banned."
REVOKED = "This import was cancelled, because its API token was revoked."


@pytest.fixture
def chart():
    return make_chart()


@pytest.fixture
def api_token(user):
    return ApiToken.objects.issue(user, ["submit_score"])[0]


@pytest.fixture
def sent(user, chart, api_token):
    return send(user, document(play(chart, 9_000_000, NOON)), token=api_token)


def ban(user):
    User.objects.filter(pk=user.pk).update(auth_level=AuthLevel.BANNED)


def revoke(api, user, token):
    path = f"/api/v1/users/{user.pk}/api-tokens/{token.prefix}"
    assert api.login(user).delete(path).status_code == 200


def poll(api, import_):
    return api.get(f"/api/v1/imports/{import_.import_id}/poll-status")


def was_stopped(api, import_, why):
    answer = poll(api, import_)
    assert answer.status_code == 409
    assert answer.json() == {"success": False, "description": why}
    assert not Score.objects.filter(user=import_.user_id).exists()


def state(import_):
    return Import.objects.get(pk=import_.pk).state


def test_a_ban_stops_all_that_is_queued(api, user, sent):
    others = [make_row(user) for _ in range(3)]
    ban(user)
    was_stopped(api, sent, BANNED)
    was_stopped(api, others[2], BANNED)

    assert "Nothing to do" in tasks.run_import(sent.pk)

    for each in (sent, *others):
        assert state(each) == State.CANCELLED
        was_stopped(api, each, BANNED)


def test_a_ban_says_nothing_of_others(api, user, sent):
    other = make_row()
    ban(user)
    tasks.run_import(sent.pk)
    assert state(other) == State.QUEUED
    assert poll(api, other).status_code == 200


def test_a_ban_that_is_lifted_in_time_has_stopped_nothing(user, sent):
    ban(user)
    User.objects.filter(pk=user.pk).update(auth_level=AuthLevel.USER)
    tasks.run_import(sent.pk)
    assert state(sent) == State.COMPLETED


def test_a_user_who_is_not_active_counts_as_banned(api, user, sent):
    User.objects.filter(pk=user.pk).update(is_active=False)
    was_stopped(api, sent, BANNED)
    tasks.run_import(sent.pk)
    assert state(sent) == State.CANCELLED


@pytest.mark.parametrize("how", ["ban", "revoke"])
def test_what_is_read_is_not_written(api, user, sent, api_token, monkeypatch, how):
    taken = leases.take(sent.pk)
    waiting = make_row(user, token=api_token)

    def report(phase, *args):
        if phase == "writing":
            ban(user) if how == "ban" else revoke(api, user, api_token)

    monkeypatch.setattr(leases, "take", lambda pk: taken)
    monkeypatch.setattr("imports.pipeline.Progress", lambda import_: report)
    tasks.run_import(sent.pk)

    for each in (sent, waiting):
        assert state(each) == State.CANCELLED
        was_stopped(api, each, BANNED if how == "ban" else REVOKED)


def test_a_revoked_token_stops_what_it_brought_and_no_more(
    api, user, sent, chart, api_token
):
    by_token = make_row(user, token=api_token)
    by_another = make_row(user, token=ApiToken.objects.issue(user, [])[0])
    by_session = send(user, document(play(chart, 9_100_000, NOON)))
    revoke(api, user, api_token)
    was_stopped(api, by_token, REVOKED)
    for each in (by_another, by_session):
        assert poll(api, each).status_code == 200

    tasks.run_import(sent.pk)

    for each in (sent, by_token):
        assert state(each) == State.CANCELLED
        was_stopped(api, each, REVOKED)
    assert woken() == [by_another.pk]
    Import.objects.filter(pk=by_another.pk).delete()
    tasks.run_import(by_session.pk)
    assert state(by_session) == State.COMPLETED


def test_what_was_written_before_a_ban_stays(api, user, chart):
    import_ = make_import(user, play(chart))
    ban(user)
    assert poll(api, import_).status_code == 200


def test_a_ban_within_an_inline_import_is_the_answer(
    api, user, chart, settings, monkeypatch
):
    settings.IMPORT_INLINE = True
    token = make_token(user, "submit_score")
    really_read, really_parse = pipeline.read, at_once.parse

    def read(import_, report):
        ban(user)
        return really_read(import_, report)

    def parse(import_, report):
        ban(user)
        return really_parse(import_, report)

    monkeypatch.setattr("imports.at_once.parse", parse)
    monkeypatch.setattr("imports.pipeline.read", read)
    sent = document(play(chart))
    answer = api.post("/ir/direct-manual/import", sent, token=token)
    assert (answer.status_code, answer.json()["description"]) == (409, BANNED)


@pytest.mark.parametrize("phase", ["parsing", "matching", "writing"])
def test_a_worker_whose_user_is_deleted_ends_quietly(
    api, user, sent, monkeypatch, caplog, phase
):
    taken = leases.take(sent.pk)

    def report(at, *args):
        if at == phase:
            User.objects.get(pk=user.pk).delete()

    monkeypatch.setattr(leases, "take", lambda pk: taken)
    monkeypatch.setattr("imports.pipeline.Progress", lambda import_: report)
    with caplog.at_level(logging.INFO):
        tasks.run_import(sent.pk)

    assert poll(api, sent).status_code == 404
    ours = [each for each in caplog.records if each.name.startswith("imports")]
    assert {each.levelno for each in ours} == {logging.INFO}
    assert not Score.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["at_once.parse", "pipeline.read"])
def test_an_account_that_is_deleted_under_its_inline_import_is_404(
    api, user, chart, settings, monkeypatch, way
):
    settings.IMPORT_INLINE = True
    api.client.raise_request_exception = False
    token = make_token(user, "submit_score")

    def delete(import_, report):
        User.objects.get(pk=user.pk).delete()
        return import_.input

    if way == "pipeline.read":
        monkeypatch.setattr("imports.at_once.SMALL", 0)
    monkeypatch.setattr(f"imports.{way}", delete)
    sent = document(play(chart))
    answer = api.post("/ir/direct-manual/import", sent, token=token)
    assert (answer.status_code, answer.json()["success"]) == (404, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite has one writer at a time
@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("revert", State.COMPLETED),
        ("cancel", State.QUEUED),
        ("retry", State.FAILED),
    ],
)
def test_a_request_that_waits_for_an_account_that_is_deleted_is_404(
    api, user, chart, verb, state
):
    import_ = make_import(user, play(chart))
    Import.objects.filter(pk=import_.pk).update(state=state)
    token = make_token(user, "delete_score", "submit_score")
    api.client.raise_request_exception = False
    answers = []

    def ask():
        path = f"/api/v1/imports/{import_.import_id}/{verb}"
        answers.append(api.post(path, token=token))
        connection.close()

    with held_elsewhere(deletion_of, user):
        thread = Thread(target=ask)
        thread.start()
        thread.join(0.5)
        assert not answers
    thread.join(PATIENCE)
    assert [answer.status_code for answer in answers] == [404]
    assert answers[0].json()["success"] is False


@pytest.mark.django_db(transaction=True)
def test_nothing_is_accepted_of_an_account_that_was_deleted_just_now(user):
    sent = Sent(User.objects.get(pk=user.pk), "file/batch-manual", b"{}")
    user.delete()
    with pytest.raises(AccountGone):
        pipeline.submit(sent)
    assert not Import.objects.exists()


@contextmanager
def deletion_of(user):
    """It waits to be committed."""
    with transaction.atomic():
        Score.objects.filter(user=user).delete()
        user.delete()
        yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite has one writer at a time
def test_a_restore_that_waits_for_an_account_that_is_deleted_does_nothing(user, chart):
    import_ = make_import(user, play(chart))
    revert_import(import_, OPERATOR)
    results = []

    def restore():
        results.append(restore_import(import_, OPERATOR))
        connection.close()

    with held_elsewhere(deletion_of, user):
        thread = Thread(target=restore)
        thread.start()
        thread.join(0.5)
        assert not results
    thread.join(PATIENCE)
    assert results == [None]


def test_what_is_left_of_others_is_right(user, chart, sent):
    other = make_user()
    make_import(other, play(chart))
    User.objects.get(pk=user.pk).delete()
    assert check_user(other.pk) == []
    assert run_inline(send(other, document(play(chart, 9_500_000)))).state == (
        State.COMPLETED
    )
