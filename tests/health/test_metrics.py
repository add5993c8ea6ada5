import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from imports.models import Import, RequestedBy, Revert
from imports.queue import leases, sweep
from imports.undo.revert import revert_import
from tachi import metrics
from tachi.health.collector import DATABASE, counter
from tachi.health.told import never_falling
from tests.factories import make_chart, make_import, make_row, make_user, play
from tests.imports.queue.test_leases import let_expire


@pytest.fixture(autouse=True)
def metrics_on(settings):
    settings.METRICS = True
    settings.IMPORT_INLINE = False


@pytest.fixture
def figures(client):
    """All samples, `name{label=value}` → number."""

    def ask(**headers):
        response = client.get("/metrics", headers=headers)
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        return {
            (each.name, *sorted(each.labels.values())): each.value
            for family in text_string_to_metric_families(response.text)
            for each in family.samples
        }

    return ask


def test_without_the_setting_there_are_none(client, settings):
    settings.METRICS = False
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
def test_a_token_is_asked_for_where_one_is_set(client, settings, figures):
    settings.METRICS_TOKEN = "secret"
    for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}):
        assert client.get("/metrics", headers=sent).status_code == 401
    assert figures(Authorization="Bearer secret")


@pytest.mark.django_db
def test_imports_scores_and_reverts_are_counted_in_the_database(figures, user, seen):
    seen(1)
    before = figures()
    chart = make_chart()
    done = make_import(user, play(chart), play(make_chart()))
    undone = make_import(user, play(chart, 9_100_000))
    revert_import(undone, RequestedBy(None, Revert.Origin.COMMAND))
    make_row()
    lost = leases.take(make_row().pk)
    let_expire(lost)
    sweep.sweep()
    after = figures()

    def more(*key):
        return after[key] - before.get(key, 0)

    of_type = "file/batch-manual"
    assert more("tachi_imports", "completed", of_type) == 1
    assert more("tachi_imports", of_type, "reverted") == 1
    assert more("tachi_imports", of_type, "queued") == 2
    assert more("tachi_scores") == done.counts["imported"] == 2
    assert more("tachi_reverts_total", "command") == 1
    assert more("tachi_restores_total") == 0
    assert more("tachi_lease_takeovers_total") == 1
    assert more("tachi_queue_waiting") == 2
    assert after["tachi_workers",] == after["tachi_database_up",] == 1
    assert more("tachi_import_run_seconds_count", "completed", of_type) == 2
    assert more("tachi_import_rows_total", "imported") == 3
    assert more("tachi_database_statements_total", "imports") > 10


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_nothing_that_a_client_makes_up(
    client, figures
):
    before = figures()
    for n in range(3):
        client.get(f"/api/v1/imports/{n}/poll-status")
        client.get(f"/nothing/{n}")
        client.generic(f"M{n}", "/api/v1/config")
    after = figures()
    new = {key for key in after if "created" not in key[0]} - set(before)
    made_up = [key for key in new if any(n in key for n in "012")]
    assert made_up == []
    poll = "api/v1/imports/<import_id>/poll-status"
    key = ("tachi_requests_total", "4xx", "GET", poll)
    assert after[key] - before.get(key, 0) == 3
    assert after["tachi_requests_total", "4xx", "api/v1/config", "other"] >= 3
    assert after["tachi_request_seconds_count", poll] >= 3


@pytest.mark.django_db
def test_the_cost_does_not_grow_with_what_there_is(figures, seen, user):
    seen(1)

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            figures()
        return len(captured)

    few = statements()
    for n in range(5):
        make_import(make_user(), play(make_chart()))
        make_row()
        leases.take(make_row().pk)
        seen(n, f"host:{n}")
    assert statements() == few <= 14


def test_what_processes_counted_is_told_when_the_database_is_away(
    figures, monkeypatch, client
):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(DATABASE, "_ask", fail)
    client.get("/health/live")
    found = figures()
    assert found["tachi_database_up",] == 0
    assert found["tachi_requests_total", "2xx", "GET", "health/live"] >= 1


@pytest.mark.django_db
def test_a_retry_takes_nothing_from_the_count_of_takeovers(figures, monkeypatch):
    before = figures()["tachi_lease_takeovers_total",]
    lost = leases.take(make_row().pk)
    let_expire(lost)
    leases.take(lost.pk)
    Import.objects.filter(pk=lost.pk).update(attempts=0)  # as a retry does
    assert figures()["tachi_lease_takeovers_total",] == before + 1


@pytest.mark.django_db
def test_a_counter_does_not_fall_with_the_process_that_is_asked_or_a_deleted_user(
    figures, monkeypatch, settings, tmp_path
):
    """Prometheus would take it for a restart, and alert of workers that died."""
    settings.METRICS_DIR = tmp_path
    monkeypatch.setattr(metrics, "IS_SHARED", True)
    lost = make_row(takeovers=3)
    told, name = [], ("tachi_lease_takeovers_total",)
    for takeovers in (3, 4, 0, 0, 2):
        Import.objects.filter(pk=lost.pk).update(takeovers=takeovers)
        told.append(figures()[name])
    assert told == [3, 4, 4, 4, 6]
    [older] = never_falling(tmp_path, 1, [counter("lease_takeovers", "Older.", 1)])
    assert older.samples[0].value == 6
    (tmp_path / "told.json").write_text('{"at": ')  # as one leaves it who was killed
    assert figures()[name] == 2
