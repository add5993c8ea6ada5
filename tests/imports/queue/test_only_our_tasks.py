import pytest
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from imports.queue import wake_ups
from tests.factories import make_row

pytestmark = pytest.mark.django_db


def test_a_task_that_is_not_ours_is_dropped_and_logged(caplog):
    async_task("os.system", "true")
    assert not get_broker().dequeue()
    assert not OrmQ.objects.exists()
    assert "'os.system'} is not ours" in caplog.text


def test_a_function_by_its_object_is_not_ours_either(caplog):
    async_task(print, "hello")
    assert not get_broker().dequeue()
    assert "is not ours" in caplog.text


def test_ours_are_handed_out_beside_it():
    async_task("os.system", "true")
    wake_ups.wake(make_row())
    broker = get_broker()
    found = [*(broker.dequeue() or ()), *(broker.dequeue() or ())]
    assert len(found) == 1


@pytest.mark.parametrize("model", [OrmQ, Schedule])
def test_the_queue_is_not_in_the_admin(model):
    from django.contrib import admin

    assert not admin.site.is_registered(model)
