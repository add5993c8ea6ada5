from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import Import, State
from tachi.api.throttles import Poll, PollCompleted
from tests.factories import make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db


def make_row(**fields):
    return Import.objects.create(
        user=make_user(), import_type="file/batch-manual", **fields
    )


def poll(api, import_):
    return api.get(f"/api/v1/imports/{import_.import_id}/poll-status")


def test_a_queued_import_is_ongoing(api):
    answer = poll(api, make_row())
    assert answer.status_code == 200
    assert answer.json()["body"]["importStatus"] == "ongoing"
    assert isinstance(answer.json()["body"]["progress"]["description"], str)
    assert answer["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("age", "seconds"), [(-5, 1), (1.5, 1), (2.5, 2), (7.5, 4), (9.5, 5), (900, 5)]
)
def test_the_longer_it_takes_the_less_often_it_is_to_be_asked(api, age, seconds):
    import_ = make_row(received_at=timezone.now() - timedelta(seconds=age))
    assert poll(api, import_)["Retry-After"] == str(seconds)


def test_a_running_import_says_how_far_it_is(api):
    import_ = make_row(
        state=State.RUNNING,
        lease_number=1,
        started_at=timezone.now(),
        phase="reading",
        description="Imported 41 scores.",
        done=41,
        total=164,
    )
    progress = poll(api, import_).json()["body"]["progress"]
    eta = progress.pop("etaSeconds")
    assert progress == {
        "description": "Imported 41 scores.",
        "phase": "reading",
        "done": 41,
        "total": 164,
        "percent": 25,
    }
    assert isinstance(eta, int)


def test_an_ongoing_import_is_one_statement(api):
    import_ = make_row(state=State.RUNNING, started_at=timezone.now(), total=9, done=1)
    with CaptureQueriesContext(connection) as captured:
        assert poll(api, import_).status_code == 200
    assert len(captured) == 1


def test_a_completed_import_comes_with_its_document(api):
    import_ = make_import(make_user(), play(make_chart()))
    body = poll(api, import_).json()["body"]
    assert body["importStatus"] == "completed"
    page = api.get(f"/api/v1/imports/{import_.import_id}").json()["body"]
    assert body["import"] == page["import"]


@pytest.mark.parametrize("status", [400, 401, 409, 500, 508])
def test_a_failed_import_answers_with_its_own_status_and_reason(api, status):
    import_ = make_row(state=State.FAILED, error_status=status, error_text="Why not.")
    answer = poll(api, import_)
    assert answer.status_code == status
    assert answer.json() == {"success": False, "description": "Why not."}


def test_a_cancelled_import_is_a_failure(api):
    answer = poll(api, make_row(state=State.CANCELLED))
    assert (answer.status_code, answer.json()["success"]) == (500, False)


def test_a_reverted_import_and_an_unknown_one_are_404(api):
    reverted = make_row(state=State.REVERTED, sequence=1)
    for answer in (poll(api, reverted), api.get("/api/v1/imports/nope/poll-status")):
        assert answer.status_code == 404
        assert answer.json()["success"] is False


def test_nobody_has_to_be_known_to_poll(api):
    answer = api.get("/api/v1/imports/nope/poll-status", token="unknown")
    assert answer.status_code == 404


def test_a_poll_is_a_get():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/api/v1/imports/nope/poll-status")
    assert answer.status_code == 404
    assert answer.json() == {"success": False, "description": "Endpoint Not Found."}


def test_polling_has_a_limit_of_its_own(api, monkeypatch):
    monkeypatch.setattr(Poll, "requests", 2)
    import_ = make_row()
    assert [poll(api, import_).status_code for _ in range(3)] == [200, 200, 429]
    assert api.get("/api/v1/imports").status_code == 200


def test_polling_is_not_counted_with_other_requests(api, settings):
    settings.RATE_LIMIT = 1
    import_ = make_row()
    assert [poll(api, import_).status_code for _ in range(3)] == [200] * 3


def test_the_document_of_a_completed_import_is_sent_less_often(api):
    """Who has it sends its tag, which is as cheap as asking for a running one."""
    import_ = make_import(make_user(), play(make_chart()))
    etag = poll(api, import_)["ETag"]
    for _ in range(PollCompleted.requests - 1):
        assert poll(api, import_).status_code == 200
    refused = poll(api, import_)
    assert (refused.status_code, refused["X-RateLimit-Limit"]) == (429, "120")
    assert int(refused["Retry-After"]) > 0
    path = f"/api/v1/imports/{import_.import_id}/poll-status"
    known = api.get(path, headers={"If-None-Match": etag})
    assert (known.status_code, known["X-RateLimit-Limit"]) == (304, "3000")
    assert poll(api, make_row()).status_code == 200
