import pytest

from tachi.accounts.models import User
from tachi.jobs import control, leases
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job, State
from tachi.jobs.tasks import run_job
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return enqueue("count", make_user())


@pytest.fixture
def poll(api, job):
    return lambda: api.get(f"/api/v1/jobs/{job.job_id}")


def test_a_job_that_waits_is_ongoing(poll):
    answer = poll()
    assert answer.status_code == 200
    assert answer["Retry-After"] == "1"
    assert answer.json()["body"] == {
        "importStatus": "ongoing",
        "progress": {
            "description": "Waiting for its turn.",
            "phase": "queued",
            "done": 0,
            "total": None,
            "percent": None,
            "etaSeconds": None,
        },
    }


def test_a_job_says_how_far_it_is(job, poll):
    run_job(job.pk)
    progress = poll().json()["body"]["progress"]
    assert isinstance(progress.pop("etaSeconds"), int)
    assert (progress["done"], progress["total"], progress["percent"]) == (1, 3, 33)


def test_a_paused_job_is_ongoing_and_says_so(job, poll):
    run_job(job.pk)
    control.pause(job)
    progress = poll().json()["body"]["progress"]
    assert (progress["description"], progress["phase"]) == ("Paused.", "paused")


def test_a_job_that_is_done_has_its_result(job, poll):
    while Job.objects.get(pk=job.pk).state != State.DONE:
        run_job(job.pk)
    assert poll().json()["body"] == {"importStatus": "completed", "result": {"sum": 3}}


def test_a_cancelled_job_is_409(job, poll):
    control.cancel(job)
    answer = poll()
    assert answer.status_code == 409
    assert answer.json()["description"] == "This job was cancelled."


@pytest.mark.parametrize("fields", [{"auth_level": 0}, {"is_active": False}])
def test_a_job_that_a_ban_has_ended_says_so(job, poll, fields):
    User.objects.filter(pk=job.user_id).update(**fields)
    run_job(job.pk)
    answer = poll()
    assert answer.status_code == 409
    assert answer.json()["description"].endswith("because its user is banned.")


def test_a_job_that_failed_says_why(job, poll):
    leases.fail(leases.take(job.pk), "It broke.", "Traceback …")
    answer = poll()
    assert answer.status_code == 500
    assert answer.json() == {"success": False, "description": "It broke."}


def test_an_unknown_job_and_one_of_the_site_are_404(api):
    for job_id in ("nothing", enqueue("count").job_id):
        assert api.get(f"/api/v1/jobs/{job_id}").status_code == 404
