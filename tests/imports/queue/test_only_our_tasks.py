import pytest
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from imports.queue import wake_ups
from tests.factories import make_row
from tests.imports.queue import planted
from tests.imports.queue.planted import leave_a_mark

pytestmark = pytest.mark.django_db


def test_a_task_that_is_not_ours_is_dropped_and_logged(caplog):
    async_task("os.system", "true")
    assert not get_broker().dequeue()
    assert not OrmQ.objects.exists()
    assert "'os.system' is not ours" in caplog.text


def test_a_function_by_its_object_is_not_ours_either(caplog):
    async_task(print, "hello")
    assert not get_broker().dequeue()
    assert "is not ours" in caplog.text


@pytest.mark.parametrize("hook", ["os.system", "imports.tasks.purge", print])
def test_a_task_with_a_hook_is_not_ours(caplog, hook):
    async_task("imports.tasks.run_import", 0, hook=hook)
    assert not get_broker().dequeue()
    assert "with the hook" in caplog.text


@pytest.mark.parametrize("function", [["os.system"], {"os": "system"}, None, 7])
def test_what_names_no_function_is_not_ours_either(caplog, function):
    async_task(function)
    assert not get_broker().dequeue()
    assert not OrmQ.objects.exists()
    assert "is not ours" in caplog.text


def test_a_task_that_cannot_be_read_is_not_ours_either(caplog, monkeypatch):
    """Signed, but of a release that had other functions."""
    with monkeypatch.context() as patch:
        patch.setattr(planted, "forgotten", leave_a_mark, raising=False)
        patch.setattr(leave_a_mark, "__qualname__", "forgotten")
        patch.setattr(leave_a_mark, "__name__", "forgotten")
        async_task(leave_a_mark)
    assert not get_broker().dequeue()
    assert not OrmQ.objects.exists()
    assert "cannot be read" in caplog.text


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
