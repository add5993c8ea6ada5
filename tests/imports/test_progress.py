from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from imports.models import Import, State
from imports.progress import Progress, progress_document
from imports.queue import leases
from tests.factories import make_row
from tests.imports.queue.test_leases import let_expire

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside_transactions(monkeypatch):
    outside = SimpleNamespace(in_atomic_block=False)
    monkeypatch.setattr("imports.progress.connection", outside)


@pytest.fixture
def no_time_at_first(monkeypatch):
    monkeypatch.setattr("imports.progress.FIRST_WRITE_SECONDS", 0)


def progress_of(import_):
    import_.refresh_from_db()
    return import_.phase, import_.done


def test_progress_is_written_twice_a_second_and_at_once_in_a_new_phase(
    outside_transactions, no_time_at_first, monkeypatch
):
    now = 0.0
    monkeypatch.setattr("imports.progress.time.monotonic", lambda: now)
    import_ = leases.take(make_row().pk)
    report = Progress(import_)
    report("matching", "Matching.", 1, 10)
    assert progress_of(import_) == ("matching", 1)
    now = 0.4
    report("matching", "Matching.", 2, 10)
    assert progress_of(import_) == ("matching", 1)
    now = 0.6
    report("matching", "Matching.", 3, 10)
    assert progress_of(import_) == ("matching", 3)
    report("writing", "Saving.", 0, 10)
    assert progress_of(import_) == ("writing", 0)


def test_an_import_that_is_over_in_a_moment_writes_no_progress(outside_transactions):
    import_ = leases.take(make_row().pk)
    Progress(import_)("matching", "Matching.", 1, 10)
    assert progress_of(import_) == ("", 0)


def test_a_superseded_worker_learns_it_when_it_reports(
    outside_transactions, no_time_at_first
):
    first = leases.take(make_row().pk)
    let_expire(first)
    leases.take(first.pk)
    with pytest.raises(leases.Superseded):
        Progress(first)("matching", "Matching.", 1, 10)
    assert progress_of(first) == ("", 0)


def test_progress_is_not_written_inside_a_transaction(
    no_time_at_first, django_assert_num_queries
):
    import_ = leases.take(make_row().pk)
    with transaction.atomic(), django_assert_num_queries(0):
        Progress(import_)("writing", "Saving.")


def test_progress_always_has_a_description():
    queued = make_row()
    assert progress_document(queued) == {
        "description": "Queued.",
        "phase": "queued",
        "done": 0,
        "total": None,
        "percent": None,
        "etaSeconds": None,
    }
    assert progress_document(leases.take(queued.pk))["description"] == "Importing."


def test_progress_is_a_percentage_and_the_seconds_that_are_left():
    started = timezone.now() - timedelta(seconds=10)
    import_ = Import(
        state=State.RUNNING, started_at=started, lease_number=1, done=25, total=100
    )
    document = progress_document(import_)
    assert (document["done"], document["total"]) == (25, 100)
    assert document["percent"] == 25
    assert document["etaSeconds"] in {30, 31}


@pytest.mark.parametrize(("done", "total"), [(0, None), (3, None), (0, 0), (0, 5)])
def test_what_is_not_known_yet_is_null(done, total):
    import_ = Import(state=State.RUNNING, done=done, total=total, lease_number=1)
    document = progress_document(import_)
    assert document["etaSeconds"] is None
    assert document["percent"] == (0 if total else None)
