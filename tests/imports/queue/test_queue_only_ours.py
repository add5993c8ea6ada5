"""Whoever writes into the queue makes workers run our own tasks, and no others."""

import os
import re
import subprocess
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from imports.models import State
from tests.attacks.queued import accept, has_ended
from tests.factories import NOON, document, make_chart, make_user, play
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until
from tests.imports.queue.planted import leave_a_mark

LOUD = re.compile(r"WARNING|ERROR|CRITICAL")
PLANTED = "tests.imports.queue.planted.leave_a_mark"


@pytest.fixture(scope="module")
def mark(tmp_path_factory):
    return tmp_path_factory.mktemp("marks") / "mark"


@pytest.fixture(scope="module")
def running_cluster(tmp_path_factory, database_url, mark):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), database_url, MARK=mark)
    yield cluster
    cluster.end()


@pytest.fixture
def cluster(running_cluster):
    """One worker, and nothing in its queue or on its schedule."""
    OrmQ.objects.all().delete()
    Schedule.objects.all().delete()
    return running_cluster


def is_at_work(cluster):
    sent = document(play(make_chart(), 9_000_000, NOON))
    import_ = accept(make_user(), sent)
    assert wait_until(lambda: has_ended(import_)), cluster.log
    assert import_.state == State.COMPLETED
    assert cluster.times_begun(import_) == 1


def nothing_ran(cluster, mark, *names):
    """It is refused and logged, it is out of the queue, and the workers go on."""
    assert wait_until(lambda: not OrmQ.objects.exists()), cluster.log
    is_at_work(cluster)
    assert not mark.exists()
    bad = [line for line in cluster.log.splitlines() if LOUD.search(line)]
    for name in names:
        assert any(name in line for line in bad), cluster.log
    assert wait_until(cluster.is_complete), cluster.log


@pytest.mark.slow
@reads_proc
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("os.system", ["touch {}"]),
        ("subprocess.run", [["touch", "{}"]]),
        ("subprocess.check_output", [["touch", "{}"]]),
        ("builtins.exec", ["open({!r}, 'w').close()"]),
        ("django.core.management.call_command", ["shell", "-c", "open({!r}, 'w')"]),
        (PLANTED, []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_task_that_is_not_ours_is_refused(cluster, mark, function, arguments):
    async_task(function, *filled(arguments, mark))
    nothing_ran(cluster, mark, function.rpartition(".")[2])


def filled(value, mark):
    if isinstance(value, list):
        return [filled(each, mark) for each in value]
    return value.format(str(mark))


@pytest.mark.slow
@reads_proc
@pytest.mark.parametrize(
    ("function", "more"),
    [(os.system, {}), (subprocess.run, {"shell": True}), (leave_a_mark, {})],
)
def test_a_function_itself_is_refused(cluster, mark, function, more):
    """It travels pickled, by its name."""
    async_task(function, f"touch {mark}", **more)
    nothing_ran(cluster, mark, function.__name__)


@pytest.mark.slow
@reads_proc
def test_a_hook_that_is_not_ours_is_not_called(cluster, mark):
    """django-q calls it with the result of a task, which may be one of ours."""
    async_task("imports.tasks.run_import", 0, hook=PLANTED)
    assert wait_until(lambda: not OrmQ.objects.exists()), cluster.log
    is_at_work(cluster)
    assert not mark.exists()


@pytest.mark.slow
@reads_proc
def test_a_schedule_of_what_is_not_ours_is_refused(cluster, mark):
    """Beside one of ours, which is carried out."""
    due = timezone.now() - timedelta(minutes=1)
    Schedule.objects.create(func="os.system", args=f"'touch {mark}'", next_run=due)
    Schedule.objects.create(func=PLANTED, next_run=due, hook=PLANTED)
    Schedule.objects.create(func="imports.tasks.purge", next_run=due)
    scheduler(get_broker())  # what the cluster does every half minute
    nothing_ran(cluster, mark, "system")


@pytest.mark.slow
@reads_proc
def test_bytes_that_nobody_signed_are_refused(cluster, mark):
    OrmQ.objects.create(key="imports", payload="gASVAAAA", lock=timezone.now())
    is_at_work(cluster)
    assert wait_until(lambda: not OrmQ.objects.exists()), cluster.log


@pytest.mark.parametrize(
    "model",
    list(apps.get_app_config("django_q").get_models()),
    ids=lambda model: model.__name__,
)
@pytest.mark.django_db
def test_no_model_of_the_queue_is_in_the_admin(moderator, client, model):
    assert model not in admin.site._registry
    name = model._meta.model_name
    for page in ("", "add/"):
        assert client.get(f"/admin/django_q/{name}/{page}").status_code == 404
    assert "django_q" not in client.get(reverse("admin:index")).content.decode()
