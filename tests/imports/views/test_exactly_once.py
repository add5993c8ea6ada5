"""What a client sends again, because it saw no answer, is one import."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone

from imports import once, tasks
from imports.models import Import, State
from imports.pipeline import run_inline
from imports.queue import leases
from imports.queue.stops import cancel_import
from imports.undo.revert import revert_import
from scores.models import Score
from tests.factories import NOON, OPERATOR, document, make_token, make_user, play

pytestmark = pytest.mark.django_db
DIRECT, FILE = "/ir/direct-manual/import", "/api/v1/import/file"


class Sender:
    def __init__(self, user):
        self.user = user
        self.token = make_token(user, "submit_score")

    def headers(self, key, more):
        named = {} if key is None else {"Idempotency-Key": key}
        return {"Authorization": f"Bearer {self.token}", **named, **more}

    def direct(self, sent, key=None, **more):
        body, kind = json.dumps(sent), "application/json"
        headers = self.headers(key, more)
        return Client().post(DIRECT, body, content_type=kind, headers=headers)

    def file(self, sent, key=None, boundary="AaB03x", name="a.json", **more):
        file = SimpleUploadedFile(name, json.dumps(sent).encode())
        fields = {"importType": "file/batch-manual", "scoreData": file}
        body = encode_multipart(boundary, fields)
        kind = f"multipart/form-data; boundary={boundary}"
        headers = self.headers(key, more)
        return Client().post(FILE, body, content_type=kind, headers=headers)


@pytest.fixture
def sender(user, settings):
    settings.RATE_LIMITS = False
    return Sender(user)


@pytest.fixture(params=["direct", "file"])
def send(request, sender):
    return getattr(sender, request.param)


@pytest.fixture
def sent(chart):
    return document(play(chart, 9_000_000, NOON))


def import_id(answer, status=202):
    assert answer.status_code == status, answer.content
    return answer.json()["body"]["importID"]


def test_the_same_under_the_same_key_is_the_same_import(send, sent):
    first = import_id(send(sent, "one"))
    assert import_id(send(sent, "one")) == first  # queued
    import_ = Import.objects.get()
    leases.take_now(import_.pk)
    assert import_id(send(sent, "one")) == first  # running
    Import.objects.update(state=State.QUEUED)
    run_inline(import_)
    assert import_id(send(sent, "one")) == first  # completed
    assert import_id(send(sent, "other")) != first
    assert import_id(send(sent)) != first


def test_where_it_is_imported_in_the_request_its_document_is_the_answer(
    send, sent, settings
):
    settings.IMPORT_INLINE = True
    answers = [send(sent, "one") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert import_id(answers[1], 200) == Import.objects.get().import_id
    assert Score.objects.count() == 1


@pytest.mark.parametrize("inline", [True, False])
def test_what_was_refused_is_refused_again_under_its_key(send, settings, inline):
    settings.IMPORT_INLINE = inline
    wrong = {"meta": {"game": "chess"}}
    first = send(wrong, "one")
    if not inline:
        run_inline(Import.objects.get())
        first = send(wrong, "one")
    again = send(wrong, "one")
    assert (again.status_code, again.json()) == (400, first.json())
    assert Import.objects.count() == 1


def test_something_else_under_the_same_key_is_422(send, sent):
    send(sent, "one")
    other = document(*sent["scores"], service="another")
    assert send(other, "one").status_code == 422
    assert Import.objects.count() == 1


def test_the_same_is_what_is_sent_and_not_how(sender, sent):
    first = import_id(sender.file(sent, "one"))
    again = sender.file(sent, "one", boundary="another", name="b.json")
    assert import_id(again) == first
    assert sender.direct(sent, "one").status_code == 422
    infer = {"X-Infer-Score-TimeAchieved": "true"}
    import_id(sender.direct(sent, "two"))
    assert sender.direct(sent, "two", **infer).status_code == 422
    spaced = json.loads(json.dumps(sent, indent=4))
    import_id(sender.direct(spaced, "two"))


def test_a_key_is_its_users_and_kept_for_a_day(sender, sent):
    first = import_id(sender.direct(sent, "one"))
    assert import_id(Sender(make_user()).direct(sent, "one")) != first
    long_ago = timezone.now() - once.KEPT - timedelta(minutes=1)
    Import.objects.filter(import_id=first).update(received_at=long_ago)
    second = import_id(sender.direct(sent, "one"))
    assert second != first
    assert import_id(sender.direct(sent, "one")) == second
    Import.objects.filter(import_id=second).update(received_at=long_ago)
    tasks.purge()
    assert Import.objects.exclude(idempotency_key="").count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "\x01", "a\tb", "\x7f"])
def test_a_key_that_is_none_is_400(send, sent, key):
    answer = send(sent, key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["description"]


@pytest.mark.parametrize("key", ["x", "x" * 255, "3f0c 'ü'"])
def test_other_keys_are_fine(send, sent, key):
    assert import_id(send(sent, key)) == import_id(send(sent, key))


def test_what_was_cancelled_or_reverted_is_not_imported_again(sender, sent, settings):
    sender.direct(sent, "one")
    cancel_import(Import.objects.get(), OPERATOR)
    again = sender.direct(sent, "one")
    assert (again.status_code, again.json()["description"]) == (
        409,
        "This import was cancelled.",
    )
    settings.IMPORT_INLINE = True
    sender.direct(sent, "two")
    revert_import(Import.objects.get(idempotency_key="two"), OPERATOR)
    again = sender.direct(sent, "two")
    assert again.status_code == 409
    assert "reverted" in again.json()["description"]
    assert not Score.objects.exists()


def test_what_is_not_accepted_leaves_the_key_free(sender, sent, settings):
    settings.MAX_UNFINISHED_FROM_HOOKS = 1
    sender.direct(sent, "one")
    assert sender.direct(sent, "two").status_code == 429
    settings.MAX_UNFINISHED_FROM_HOOKS = 5
    assert import_id(sender.direct(document(), "two"))


def test_without_a_key_the_same_joins_what_is_not_finished(sender, send, sent):
    first = import_id(send(sent))
    assert import_id(send(sent)) == first
    other = document(*sent["scores"], service="another")
    assert import_id(send(other)) != first
    sender.token = make_token(sender.user, "submit_score")
    assert import_id(send(sent)) != first
    assert import_id(Sender(make_user()).direct(sent)) != first


def test_without_a_key_nobody_joins_what_is_finished_or_old(send, sent):
    first = import_id(send(sent))
    import_ = Import.objects.get()
    Import.objects.update(received_at=timezone.now() - once.JOINED)
    second = import_id(send(sent))
    Import.objects.exclude(pk=import_.pk).delete()
    Import.objects.update(received_at=timezone.now())
    assert import_id(send(sent)) == first
    run_inline(import_)
    assert import_id(send(sent)) not in (first, second)


def test_one_whose_process_was_killed_is_ended_by_its_repetition(
    sender, sent, settings
):
    sender.direct(sent, "one")
    long_ago = timezone.now() - timedelta(minutes=5)
    left = {"state": State.RUNNING, "lease_until": long_ago, "lease_number": 1}
    Import.objects.update(received_at=long_ago, **left)
    settings.IMPORT_INLINE = True
    assert import_id(sender.direct(sent, "one"), 200) == Import.objects.get().import_id
