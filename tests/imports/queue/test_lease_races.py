import threading
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from imports.models import Import
from imports.queue import leases
from tests.factories import make_row
from tests.imports.queue.clusters import wait_until

pytestmark = pytest.mark.usefixtures("database_url")


def lease_end(import_):
    return Import.objects.get(pk=import_.pk).lease_until


def test_a_lease_is_renewed_for_as_long_as_it_is_held(settings):
    settings.IMPORT_LEASE_SECONDS = 0.3
    import_ = leases.take(make_row().pk)
    with leases.keep_renewing(import_):
        for _ in range(3):
            end = lease_end(import_)
            assert wait_until(lambda end=end: lease_end(import_) > end)
        assert leases.take(import_.pk) is None
    end = lease_end(import_)
    assert wait_until(lambda: leases.take(import_.pk) is not None)
    taken = Import.objects.get(pk=import_.pk)
    assert taken.lease_number == 2
    assert taken.lease_until > end


@pytest.mark.postgresql
def test_a_renewal_that_waited_for_a_lock_is_of_the_moment_when_it_has_it(settings):
    """As when the table is altered; not of the moment when it began to wait."""
    settings.IMPORT_LEASE_SECONDS = 1
    import_, began = leases.take(make_row().pk), threading.Event()

    def renew():
        began.set()
        leases.renew(import_)
        connection.close()

    thread = threading.Thread(target=renew)
    with transaction.atomic():
        Import.objects.filter(pk=import_.pk).update(description="at work")
        thread.start()
        assert began.wait(10)
        time.sleep(2)
        released = timezone.now()
    thread.join(10)
    assert lease_end(import_) > released


def test_of_many_workers_at_once_one_takes_the_import():
    import_ = make_row()
    together = threading.Barrier(8)
    taken = []

    def work():
        together.wait()
        taken.append(leases.take(import_.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == 8
    assert [got.lease_number for got in taken if got] == [1]
