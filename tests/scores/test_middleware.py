"""A web request waits briefly for other changes, whichever page or verb asks."""

import time
from contextlib import ExitStack, contextmanager

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection, transaction
from django.urls import reverse

from imports.models import Import
from scores.edits import delete_score
from scores.locks import Busy, only_change_of
from scores.models import Score
from tachi.accounts.models import Permission
from tests.factories import NOON, make_chart, make_import, make_token, make_user, play
from tests.imports.scratch import scratch_database
from tests.locking import held_elsewhere, needs_locks, takes_at_most

WAIT = 0.3  # seconds
GRACE = 1  # seconds for everything else


@pytest.fixture(autouse=True)
def brief(settings):
    settings.REQUEST_WAIT_SECONDS = WAIT
    settings.REVERT_WAIT_SECONDS = 20
    settings.RATE_LIMITS = False


@pytest.fixture
def own_database(tmp_path, django_db_blocker):
    """On disk, so that another thread can write to it, on SQLite, too."""
    with django_db_blocker.unblock(), scratch_database(tmp_path):
        yield


def a_score(user):
    return make_import(user, play(make_chart(), 9_000_000, NOON)).scores.get()


def all_at_work(users):
    """The changes of these users; on SQLite there is one writer, whoever it is."""
    return held_elsewhere(change, users)


def change(users):
    if connection.vendor == "sqlite":
        return transaction.atomic()
    return only_changes(users)


@contextmanager
def only_changes(users):
    with ExitStack() as stack:
        for user in users:
            stack.enter_context(only_change_of(user.pk))
        yield


def test_a_request_is_told_to_come_again(own_database, api):
    score = a_score(make_user())
    token = make_token(score.user, *Permission.values)
    path = f"/api/v1/scores/{score.score_id}"
    with all_at_work([score.user]), takes_at_most(WAIT + GRACE):
        answer = api.delete(path, {}, token=token)
    assert answer.status_code == 409
    assert int(answer["Retry-After"]) >= 1
    assert Score.objects.exists()
    assert api.delete(path, {}, token=token).status_code == 200


def test_all_waits_of_a_page_together_are_brief(own_database, client):
    owners = [make_user() for _ in range(12)]
    for owner in owners:
        a_score(owner)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    sent = {
        "action": "revert",
        "confirmed": "yes",
        ACTION_CHECKBOX_NAME: list(Import.objects.values_list("pk", flat=True)),
    }
    page = reverse("admin:imports_import_changelist")
    with all_at_work(owners), takes_at_most(WAIT + 2 * GRACE):
        answer = client.post(page, sent)
    assert answer.status_code == 302
    assert set(Import.objects.values_list("state", flat=True)) == {"completed"}


@needs_locks
@pytest.mark.django_db(transaction=True)
def test_who_is_no_request_waits_longer(settings):
    settings.REVERT_WAIT_SECONDS = 3 * WAIT
    score = a_score(make_user())
    began = time.monotonic()
    with held_elsewhere(only_change_of, score.user_id), pytest.raises(Busy):
        delete_score(score)
    assert time.monotonic() - began >= 3 * WAIT


@pytest.mark.django_db
def test_a_page_that_has_to_wait_says_so_in_plain_words(client, monkeypatch):
    def busy(*args, **kwargs):
        raise Busy("Another change of these scores is at work.")

    client.force_login(make_user(is_staff=True, is_superuser=True))
    monkeypatch.setattr("imports.admin.actions._selected", busy)
    import_ = a_score(make_user()).source_import
    sent = {"action": "revert", ACTION_CHECKBOX_NAME: [import_.pk]}
    answer = client.post(reverse("admin:imports_import_changelist"), sent)
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert "Another change of these scores is at work." in answer.content.decode()
