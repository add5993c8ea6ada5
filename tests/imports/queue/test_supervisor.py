import pytest

from imports.models import Import, State
from imports.queue import leases
from imports.queue.supervisor import Watch, waiting_for_a_free_worker
from tests.factories import make_row, make_user

pytestmark = pytest.mark.django_db


def test_only_imports_that_a_free_worker_could_take_count_as_waiting(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 2}
    user = make_user()
    waiting, _ = make_row(user), make_row(user)
    leases.take(make_row().pk)
    assert waiting_for_a_free_worker() == {waiting.pk}
    leases.take(make_row().pk)
    assert waiting_for_a_free_worker() == set()


def look(watch):
    watch.last_poll -= 1
    return watch.is_stuck()


def test_a_cluster_that_takes_nothing_is_stuck():
    make_row()
    watch = Watch(stuck_seconds=10)
    assert not look(watch)
    watch.last_progress -= 11
    assert look(watch)


def test_a_cluster_that_is_only_behind_is_not_stuck():
    taken = make_row()
    make_row()
    watch = Watch(stuck_seconds=10)
    assert not look(watch)
    watch.last_progress -= 11
    leases.take(taken.pk)
    Import.objects.filter(pk=taken.pk).update(state=State.FAILED)
    assert not look(watch)
