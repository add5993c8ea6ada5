import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from django_q.models import Schedule

from imports import everybodys_orphans
from imports.tasks import DAILY, schedule_daily
from tachi.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_what_is_done_daily_is_scheduled_once():
    schedule_daily()
    schedule_daily()
    scheduled = Schedule.objects.values_list("name", "func", "schedule_type")
    assert sorted(scheduled) == sorted(
        (name, function, Schedule.DAILY) for name, (function, _) in DAILY.items()
    )


def test_the_cluster_may_do_it():
    functions = {function for function, _ in DAILY.values()}
    assert functions <= settings.CLUSTER_TASKS
    assert all(callable(import_string(function)) for function in functions)


def test_workers_start_even_if_two_of_them_scheduled_the_purge_at_once():
    schedule_daily()
    twin = Schedule.objects.get(name="purge")
    twin.pk = None
    twin.save()
    schedule_daily()
    assert Schedule.objects.filter(name="purge").count() == 2


def test_everybodys_orphans_are_asked_for_daily():
    import_string(DAILY["orphans"][0])()
    assert Job.objects.get().kind == everybodys_orphans.DAILY
