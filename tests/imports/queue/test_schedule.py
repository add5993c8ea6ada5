import pytest
from django_q.models import Schedule

from imports.tasks import purge, schedule_purge

pytestmark = pytest.mark.django_db


def test_the_purge_is_scheduled_once():
    schedule_purge()
    schedule_purge()
    schedule = Schedule.objects.get(name="purge")
    assert schedule.func == f"{purge.__module__}.{purge.__name__}"
    assert schedule.schedule_type == Schedule.DAILY


def test_workers_start_even_if_two_of_them_scheduled_the_purge_at_once():
    schedule_purge()
    twin = Schedule.objects.get(name="purge")
    twin.pk = None
    twin.save()
    schedule_purge()
    assert Schedule.objects.filter(name="purge").count() == 2
