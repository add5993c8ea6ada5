import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client

from imports.models import Import
from imports.queue import leases, wake_ups
from tachi.health import probes
from tests.factories import make_row

SECRET = "connection to server at 10.1.2.3 failed"


@pytest.fixture(autouse=True)
def no_migrations_are_known_yet(monkeypatch):
    monkeypatch.setattr(probes, "MIGRATIONS", probes.Migrations())


def ready(client, **headers):
    response = client.get("/health/ready", headers=headers)
    answer = response.json()
    assert (response.status_code == 200) == answer["ok"]
    assert answer["ok"] == all(each["ok"] for each in answer["checks"].values())
    return {name for name, each in answer["checks"].items() if not each["ok"]}, answer


def wait(import_, seconds):
    """As if its turn had come that long ago."""
    moment = Now() - timedelta(seconds=seconds)
    Import.objects.filter(pk=import_.pk).update(waiting_since=moment)


def test_live_asks_no_database(client):  # which is not allowed to this test
    for path in ("/health/live", "/health/live/"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.json()["ok"] is True


def test_ready_with_a_worker_and_nothing_that_waits_for_long(client, seen):
    seen(50)
    assert ready(client)[0] == set()


@pytest.mark.django_db
def test_not_ready_without_a_worker_that_was_seen_within_a_minute(
    client, seen, settings
):
    assert ready(client)[0] == {"worker"}
    seen(70)
    wrong, answer = ready(client)
    assert wrong == {"worker"}
    assert "70 seconds" in answer["checks"]["worker"]["detail"]
    seen(10, "other:2")
    assert ready(client)[0] == set()
    settings.IMPORT_INLINE = True
    seen(100, "other:2")
    assert ready(client)[0] == set()


def test_not_ready_when_one_whose_turn_it_is_waits_for_too_long(
    client, seen, user, settings
):
    seen(1)
    settings.QUEUE_WAIT_SECONDS = 60
    first, second = make_row(user), make_row(user)
    wake_ups.wake(first)
    wait(second, 1000)  # for the first, not for a worker
    assert ready(client)[0] == set()
    wait(first, 61)
    wrong, answer = ready(client)
    assert wrong == {"queue"}
    assert "61 seconds" in answer["checks"]["queue"]["detail"]
    leases.take(first.pk)
    assert ready(client)[0] == set()


def test_not_ready_before_all_migrations_are_applied(client, seen):
    seen(1)
    rows = MigrationRecorder.Migration.objects.filter(app="imports")
    rows.filter(name__startswith="0006").delete()
    wrong, answer = ready(client)
    assert "migrations" in wrong
    assert "imports.0006_" in answer["checks"]["migrations"]["detail"]


def test_that_all_are_applied_is_asked_once_a_minute(
    client, seen, django_assert_num_queries
):
    seen(1)
    ready(client)
    statements = 2 if connection.vendor == "sqlite" else 3
    with django_assert_num_queries(statements):
        ready(client)


def test_a_driver_is_not_quoted(client, monkeypatch, caplog):
    def fail():
        raise OperationalError(SECRET)

    monkeypatch.setattr(probes.READY, "_ask", fail)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert not response.json()["checks"]["database"]["ok"]
    assert SECRET not in response.text
    assert SECRET in caplog.text


def test_a_database_that_hangs_is_waited_for_once_and_not_for_long(client, monkeypatch):
    asked, hang = [], threading.Event()

    def ask():
        asked.append(threading.get_ident())
        hang.wait(20)
        return {"database": probes.good("At last.")}

    monkeypatch.setattr(probes.READY, "_ask", ask)
    monkeypatch.setattr(probes.READY, "patience_seconds", 0.05)
    answers = [client.get("/health/ready").status_code for _ in range(3)]
    assert (answers, len(asked)) == ([503, 503, 503], 1)
    hang.set()
    monkeypatch.setattr(probes.READY, "patience_seconds", 10)
    assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_balances_load_is_answered_whatever_the_site_refuses(settings):
    settings.IMPORT_INLINE = True
    settings.ALLOWED_HOSTS = ["tachi.example"]
    settings.SECURE_SSL_REDIRECT = True
    settings.RATE_LIMIT = 1
    asking = Client(SERVER_NAME="10.1.2.3")
    for path in ("/health/live", "/health/ready", "/health/ready/"):
        for method in ("GET", "HEAD"):
            response = asking.generic(method, path)
            assert response.status_code == 200, response.content
            assert not response.cookies
            assert response["Cache-Control"] == "no-store"
        assert asking.post(path).status_code == 405
    assert asking.get("/admin/").status_code == 400  # as ever
    assert not Session.objects.exists()
