"""Running a failed import again, through the API."""

import json
import zlib

import pytest
from django_q.models import OrmQ

from imports import tasks
from imports.models import Import, ImportInput, State
from imports.pipeline import INTERNAL_ERROR, run_inline
from imports.queue import leases
from imports.undo.revert import revert_import
from scores.models import Score
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def failed(user, monkeypatch):
    """An import that a bug of ours has failed."""
    return fail(user, monkeypatch, document(play(make_chart(), 9_000_000, NOON)))


def fail(user, monkeypatch, sent):
    def fault(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", fault)
        import_ = run_inline(send(user, sent))
    assert (import_.state, import_.error_status) == (State.FAILED, 500)
    return import_


def retry(api, import_, token=None):
    return api.post(f"/api/v1/imports/{import_.import_id}/retry", token=token)


def poll(api, import_):
    return api.get(f"/api/v1/imports/{import_.import_id}/poll-status")


def refused(answer, status, text):
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert text in answer.json()["description"]


def test_a_failed_import_runs_again_under_its_id(api, failed, token):
    Import.objects.filter(pk=failed.pk).update(attempts=3, delays=5, done=7, total=9)
    assert poll(api, failed).status_code == 500

    answer = retry(api, failed, token)

    assert (answer.status_code, answer["Retry-After"]) == (202, "1")
    body = answer.json()["body"]
    assert body["importID"] == failed.import_id
    assert api.get(body["url"]).json()["body"]["importStatus"] == "ongoing"
    failed.refresh_from_db()
    assert (failed.attempts, failed.delays, failed.error_status) == (0, 0, None)
    assert (failed.error_text, failed.error_detail) == ("", "")
    assert (failed.started_at, failed.finished_at, failed.done) == (None, None, 0)
    assert woken() == [failed.pk]

    tasks.run_import(failed.pk)

    assert poll(api, failed).json()["body"]["importStatus"] == "completed"
    assert Score.objects.get().source_import == failed


def test_inline_it_answers_with_its_document(api, failed, token, settings):
    settings.IMPORT_INLINE = True
    answer = retry(api, failed, token)
    assert answer.status_code == 200
    assert answer.json()["body"]["scoreIDs"] == [Score.objects.get().score_id]
    assert not OrmQ.objects.exists()


def test_inline_it_answers_with_the_reason_if_it_fails_again(
    api, failed, token, settings, monkeypatch
):
    settings.IMPORT_INLINE = True
    monkeypatch.setattr("imports.pipeline.write", None)
    refused(retry(api, failed, token), 500, INTERNAL_ERROR)
    failed.refresh_from_db()
    assert failed.state == State.FAILED
    assert "not callable" in failed.error_detail


def test_it_takes_its_turn_before_what_was_sent_since(api, user, failed, token):
    later = make_row(user)
    assert retry(api, failed, token).status_code == 202
    assert leases.take(later.pk) is None
    tasks.run_import(failed.pk)
    assert leases.take(later.pk) is not None


def test_it_waits_for_what_was_sent_before(api, user, token, monkeypatch):
    earlier = make_row(user)
    sent = document(play(make_chart(), 9_000_000, NOON))
    failed = fail(user, monkeypatch, sent)
    assert retry(api, failed, token).status_code == 202
    assert leases.take(failed.pk) is None
    leases.take(earlier.pk)
    Import.objects.filter(pk=earlier.pk).update(state=State.FAILED)
    assert leases.take(failed.pk) is not None


def test_the_worker_of_before_has_no_part_in_it(api, failed, token):
    before = Import.objects.get(pk=failed.pk)
    retry(api, failed, token)
    taken = leases.take(failed.pk)
    assert taken.lease_number > before.lease_number
    assert not leases.renew(before)


def test_a_refused_document_is_not_kept_and_not_retried(api, token, settings):
    settings.IMPORT_INLINE = True
    sent = document({"score": "many"})
    answer = api.post("/ir/direct-manual/import", sent, token=token)
    assert answer.status_code == 400
    failed = Import.objects.get()
    assert not ImportInput.objects.exists()
    refused(retry(api, failed, token), 409, "not kept any more")
    assert poll(api, failed).json() == answer.json()


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.RUNNING, State.COMPLETED, State.CANCELLED]
)
def test_only_what_has_failed_is_retried(api, user, token, state):
    import_ = send(user, document())
    Import.objects.filter(pk=import_.pk).update(state=state, sequence=1)
    refused(retry(api, import_, token), 409, f"this one is {state}")
    import_.refresh_from_db()
    assert import_.state == state


def test_a_reverted_import_is_not_retried(api, user, token):
    import_ = make_import(user, play(make_chart()))
    revert_import(import_, OPERATOR)
    refused(retry(api, import_, token), 409, "this one is reverted")
    refused(retry(api, import_, make_token(make_user())), 404, "does not exist")


def test_two_retries_are_one(api, failed, token):
    assert retry(api, failed, token).status_code == 202
    refused(retry(api, failed, token), 409, "this one is queued")
    assert woken() == [failed.pk]


def test_what_a_revoked_token_brought_is_not_retried(api, user, failed, token):
    leaked = user.tokens.first()
    Import.objects.filter(pk=failed.pk).update(token=leaked)
    leaked.revoked_at = leaked.created_at
    leaked.save()
    mine = make_token(user, "submit_score")
    refused(retry(api, failed, mine), 409, "its API token was revoked")


def test_the_document_is_that_of_an_import_that_never_failed(api, failed, token):
    sent = json.loads(zlib.decompress(failed.input.payload))
    retry(api, failed, token)
    tasks.run_import(failed.pk)
    other = run_inline(send(make_user(), sent))
    failed.refresh_from_db()
    assert (failed.counts, failed.errors) == (other.counts, other.errors)
