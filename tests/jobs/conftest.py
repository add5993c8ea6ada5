import pytest
from django_q.models import OrmQ

from tachi.jobs import run
from tests.jobs import counting


@pytest.fixture(autouse=True)
def counts(settings, monkeypatch):
    """Jobs of the kind "count" count to three, in turns of one step."""
    settings.JOBS = {**settings.JOBS, "count": "tests.jobs.counting.step"}
    monkeypatch.setattr(run, "TURN_SECONDS", 0)
    counting.begin(3)


@pytest.fixture
def woken():
    """The jobs for which a worker is woken; then it knows."""

    def take():
        tasks = [each.task for each in OrmQ.objects.order_by("pk")]
        OrmQ.objects.all().delete()
        assert {task["func"] for task in tasks} <= {"tachi.jobs.tasks.run_job"}
        return [task["args"][0] for task in tasks]

    return take
