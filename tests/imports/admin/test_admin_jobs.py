"""Moderators see how far long work is; who may, pauses, resumes and cancels it."""

import pytest
from django.urls import reverse

from tachi.jobs import leases
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import State
from tests.factories import make_user
from tests.imports.admin.moderation import may_only, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]
JOBS = reverse("admin:jobs_job_changelist")


@pytest.fixture
def job():
    return enqueue("orphans", make_user("somebody"))


def act(client, action, *jobs):
    selected = {"action": action, "_selected_action": [job.pk for job in jobs]}
    return client.post(JOBS, selected, follow=True)


def state(job):
    job.refresh_from_db()
    return job.state


def test_jobs_are_listed_with_their_progress(client, job):
    type(job).objects.update(done=500, total=60_000)
    page = client.get(JOBS)
    assert b"500 of 60000" in page.content
    assert b"somebody" in page.content
    detail = client.get(reverse("admin:jobs_job_change", args=[job.pk]))
    assert detail.status_code == 200
    assert b'name="_save"' not in detail.content


def test_they_are_filtered_by_user_and_state(client, job):
    for query, found in (
        ("user=somebody", 1),
        ("user=nobody", 0),
        ("state=queued", 1),
        ("state=done", 0),
    ):
        assert len(rows(client.get(f"{JOBS}?{query}"))) == found


def test_they_are_paused_resumed_and_cancelled(client, job):
    assert b"1 job: paused." in act(client, "pause", job).content
    assert state(job) == State.PAUSED
    act(client, "resume", job)
    assert state(job) == State.QUEUED
    leases.take(job.pk)
    assert b"1 job: cancelling." in act(client, "cancel", job).content
    assert state(job) == State.CANCELLING


def test_what_cannot_be_done_is_told_and_the_others_are_done(client, job):
    site = enqueue("rerate")
    act(client, "cancel", job)
    page = act(client, "pause", job, site)
    assert f"Job {job} was left alone. The job is cancelled." in page.content.decode()
    assert [state(job), state(site)] == [State.CANCELLED, State.PAUSED]


def test_a_failed_job_has_failed(client, job):
    type(job).objects.update(state=State.FAILED)
    assert b"was left alone. The job has failed." in act(client, "pause", job).content


def test_it_takes_a_permission(client, job, moderator):
    may_only(moderator, "view_job")
    assert b'value="pause"' not in client.get(JOBS).content
    act(client, "pause", job)
    assert state(job) == State.QUEUED
    may_only(moderator, "view_job", "control_job")
    act(client, "pause", job)
    assert state(job) == State.PAUSED
