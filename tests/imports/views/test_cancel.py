"""Cancelling an import through the API."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from imports import tasks
from imports.models import Import, State
from imports.pipeline import run
from imports.queue import leases
from imports.undo.revert import revert_import
from scores.locks import only_change_of
from scores.models import Score
from tachi.accounts.models import AuthLevel
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
from tests.locking import held_elsewhere, takes_at_most

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def sent(user):
    return send(user, document(play(make_chart(), 9_000_000, NOON)))


def cancel(api, import_, token=None):
    return api.post(f"/api/v1/imports/{import_.import_id}/cancel", token=token)


def poll(api, import_):
    return api.get(f"/api/v1/imports/{import_.import_id}/poll-status")


def refused(answer, status, text):
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert text in answer.json()["description"]


def was_cancelled(api, import_):
    answer = poll(api, import_)
    assert answer.status_code == 409
    assert answer.json() == {
        "success": False,
        "description": "This import was cancelled.",
    }
    import_.refresh_from_db()
    assert import_.state == State.CANCELLED
    assert import_.finished_at is not None
    assert import_.input.payload
    assert not Score.objects.filter(user=import_.user_id).exists()


def test_a_queued_import_is_cancelled_at_once(api, sent, token):
    answer = cancel(api, sent, token)
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    was_cancelled(api, sent)
    assert sent.error_detail == f"Cancelled by {sent.user} (api)."
    assert "Nothing to do" in tasks.run_import(sent.pk)
    was_cancelled(api, sent)


def test_a_running_import_is_cancelled_and_its_worker_writes_nothing(api, sent, token):
    taken = leases.take(sent.pk)

    def report(phase, *args):
        if phase == "writing":
            assert cancel(api, sent, token).status_code == 200

    with pytest.raises(leases.Superseded):
        run(taken, report)
    was_cancelled(api, sent)


@pytest.mark.django_db(transaction=True)  # progress is reported outside of any
def test_a_worker_stops_at_its_next_report_of_progress(api, sent, token, monkeypatch):
    monkeypatch.setattr("imports.progress.FIRST_WRITE_SECONDS", 0)
    monkeypatch.setattr("imports.pipeline.write", None)  # it does not come to that
    taken = leases.take(sent.pk)
    assert cancel(api, sent, token).status_code == 200
    with pytest.raises(leases.Superseded):
        run(taken)
    was_cancelled(api, sent)


def test_the_users_next_import_is_woken(api, user, sent, token):
    second, third = make_row(user), make_row(user)
    leases.take(sent.pk)
    OrmQ.objects.all().delete()
    assert cancel(api, third, token).status_code == 200
    assert woken() == []
    assert cancel(api, sent, token).status_code == 200
    assert woken() == [second.pk]
    assert leases.take(second.pk) is not None


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (State.COMPLETED, "is completed"),
        (State.FAILED, "has failed"),
        (State.CANCELLED, "was cancelled already"),
        (State.REVERTED, "was reverted"),
    ],
)
def test_what_has_ended_is_not_cancelled(api, user, token, state, what):
    ended = make_row(user, state=state, sequence=1)
    refused(cancel(api, ended, token), 409, what)
    ended.refresh_from_db()
    assert ended.state == state


def test_a_reverted_import_is_not_there_for_others(api, user):
    import_ = make_import(user, play(make_chart()))
    revert_import(import_, OPERATOR)
    stranger = make_token(make_user(), "submit_score")
    refused(cancel(api, import_, stranger), 404, "does not exist")
    refused(cancel(api, import_), 404, "does not exist")


def test_an_administrator_may_cancel_it_too(api, sent):
    admin = make_user("judge", auth_level=AuthLevel.ADMIN)
    assert cancel(api.login(admin), sent).status_code == 200
    was_cancelled(api, sent)
    assert "judge" in sent.error_detail


def test_an_inline_import_that_is_cancelled_answers_so(
    api, user, token, settings, monkeypatch, the_long_way
):
    settings.IMPORT_INLINE = True

    def cancelled_meanwhile(import_, read):
        assert cancel(api, import_, token).status_code == 200
        leases.fence(import_)

    monkeypatch.setattr("imports.pipeline.write", cancelled_meanwhile)
    answer = api.post(
        "/ir/direct-manual/import", document(play(make_chart())), token=token
    )
    refused(answer, 409, "This import was cancelled.")


@contextmanager
def being_written(taken):
    """As by `imports.write`: under the player's lock, past the fence."""
    with only_change_of(taken.user_id):
        leases.fence(taken)
        yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite has one writer at a time
def test_an_import_that_is_being_written_is_not_cancelled(api, sent, token):
    taken = leases.take(sent.pk)
    with held_elsewhere(being_written, taken), takes_at_most(3):
        refused(cancel(api, sent, token), 409, "is being written")
    sent.refresh_from_db()
    assert sent.state == State.RUNNING


@contextmanager
def in_use(import_):
    with transaction.atomic():
        assert Import.objects.select_for_update().get(pk=import_.pk)
        yield


@pytest.mark.django_db(transaction=True)
def test_a_queued_import_that_is_in_use_can_be_cancelled_in_a_moment(api, sent, token):
    with held_elsewhere(in_use, sent), takes_at_most(3):
        answer = cancel(api, sent, token)
    refused(answer, 409, "is in use just now")
    assert answer["Retry-After"] == "1"
    assert cancel(api, sent, token).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite has one writer at a time
def test_one_that_waits_for_its_players_lock_is_cancelled(api, user, sent, token):
    taken, done = leases.take(sent.pk), []

    def work():
        try:
            run(taken)
        except leases.Superseded:
            done.append("superseded")
        finally:
            connection.close()

    with held_elsewhere(only_change_of, user.pk):
        thread = threading.Thread(target=work)
        thread.start()
        with takes_at_most(1):
            assert cancel(api, sent, token).status_code == 200
    thread.join(20)
    assert done == ["superseded"]
    was_cancelled(api, sent)
