import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from imports.management.commands import queue_status as command
from imports.models import Import, State, Worker
from imports.queue import leases, wake_ups
from imports.queue.status import queue_status
from imports.retry import retry_import
from tests.commands import call, failure
from tests.factories import (
    OPERATOR,
    document,
    make_chart,
    make_row,
    make_user,
    play,
    send,
)
from tests.imports.queue.test_leases import let_expire

pytestmark = pytest.mark.django_db


def see(seconds, name="host:1"):
    moment = Now() - timedelta(seconds=seconds)
    Worker.objects.create(name=name, processes=2, last_seen=moment)


def told():
    """What it says as JSON, and whether the exit code is 0."""
    try:
        return json.loads(call("queue_status", "--json")), True
    except CommandError:
        out, _ = failure("queue_status", "--json")
        return json.loads(out), False


def test_all_is_well_with_a_worker_and_nothing_that_waits():
    see(3)
    status, is_well = told()
    assert is_well
    [worker] = status.pop("workers")
    assert worker["name"] == "host:1"
    assert 3 <= worker["lastSeenSeconds"] < 10
    assert status == {
        "ok": True,
        "waiting": 0,
        "oldestSeconds": None,
        "running": [],
        "failedLastHour": 0,
        "problems": [],
    }
    assert "All is well." in call("queue_status")


def test_it_says_who_waits_who_runs_and_what_failed(user, settings):
    see(1)
    running, waiting, behind = make_row(user), make_row(), make_row(user)
    dead = make_row()
    for each in (running, dead):
        wake_ups.wake(each)
        leases.take(each.pk)
    let_expire(dead)
    wake_ups.wake(waiting)
    Import.objects.filter(pk=waiting.pk).update(
        phase="", waiting_since=Now() - timedelta(seconds=40)
    )
    Import.objects.filter(pk=behind.pk).update(
        received_at=Now() - timedelta(seconds=4000)
    )
    for ago, status in ((10, 400), (3500, 400), (3700, 500)):
        make_row(
            state=State.FAILED,
            error_status=status,
            finished_at=Now() - timedelta(seconds=ago),
        )
    status, is_well = told()
    assert is_well
    assert status["waiting"] == 3  # the dead worker's as well
    assert 40 <= status["oldestSeconds"] < 50
    assert status["failedLastHour"] == 2
    [one] = status["running"]
    running.refresh_from_db()
    assert one == {
        "importID": running.import_id,
        "user": user.username,
        "since": round(running.started_at.timestamp() * 1000),
        "phase": "starting",
    }
    text = call("queue_status")
    assert f"{running.import_id} of {user.username}, starting, since 2" in text
    assert "Waiting: 3, the first for 4" in text

    settings.QUEUE_WAIT_SECONDS = 30
    status, is_well = told()
    assert not is_well
    assert "longer than QUEUE_WAIT_SECONDS (30)" in status["problems"][0]


def test_what_is_wrong_is_said_and_the_exit_code_is_one(settings):
    assert told()[0]["problems"] == [
        "No worker is there: manage.py qcluster has to run."
    ]
    see(601, "old:1")  # is long forgotten
    assert "No worker is there" in failure("queue_status")[1]
    see(90)
    status, is_well = told()
    assert (is_well, status["ok"]) == (False, False)
    assert "been seen for 90 seconds" in status["problems"][0]
    see(1, "other:1")
    assert told()[1]
    make_row(state=State.FAILED, error_status=500, finished_at=Now())
    assert "1 import has failed by an internal error" in failure("queue_status")[1]


def test_who_waited_for_an_earlier_import_waits_for_a_worker_since_that_ended(user):
    long_ago = Now() - timedelta(seconds=4000)
    first, second = make_row(user), make_row(user)
    Import.objects.update(received_at=long_ago)
    assert queue_status()["oldestSeconds"] >= 4000  # it was never woken for
    leases.fail(leases.take(first.pk), 500, "No.")
    assert queue_status()["oldestSeconds"] < 100
    assert not leases.take(first.pk)
    assert leases.take(second.pk)


def test_one_that_is_retried_waits_since_then(user):
    long_ago = Now() - timedelta(seconds=4000)
    failed = send(user, document(play(make_chart())))
    Import.objects.update(
        state=State.FAILED, error_status=500, waiting_since=long_ago, phase=""
    )
    retry_import(failed, OPERATOR)
    assert queue_status()["oldestSeconds"] < 100


def test_a_site_that_imports_in_its_requests_needs_no_worker(settings):
    settings.IMPORT_INLINE = True
    assert told()[1]


def test_the_cost_does_not_grow(user):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            queue_status()
        return len(captured)

    few = statements()
    for n in range(4):
        make_row(user)
        leases.take(make_row().pk)
        see(n, f"host:{n}")
    assert statements() == few <= 6


def test_a_database_that_is_away_is_said_in_json_too(monkeypatch):
    def fail():
        raise OperationalError("connection refused")

    monkeypatch.setattr(command, "queue_status", fail)
    status, is_well = told()
    assert not (is_well or status["ok"] or status["workers"])
    [problem] = status["problems"]
    assert problem.startswith(f"The database {connection.settings_dict['NAME']} ")
    assert problem.endswith(" cannot be used: connection refused.")


def test_the_first_page_of_the_admin_shows_the_same(client, user):
    staff = make_user("staff", is_staff=True)
    client.force_login(staff)
    assert "queue-status" not in client.get("/admin/").text
    may_view = Permission.objects.get(codename="view_import")
    staff.user_permissions.add(may_view)
    leases.take(make_row(make_user("<b>")).pk)
    page = client.get("/admin/").text
    assert "something is wrong" in page
    assert "No worker is there" in page
    assert "&lt;b&gt;</a>, starting" in page
    see(2, "host:77")
    page = client.get("/admin/").text
    assert "all is well" in page
    assert "Worker host:77, seen" in page
    panel = page[page.index("queue-status") : page.index("content-main")]
    assert "<script" not in panel
    assert "style=" not in panel
