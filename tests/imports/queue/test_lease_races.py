import threading
import time

import pytest
from django.db import connection

from imports.queue import leases
from tests.factories import make_row

pytestmark = pytest.mark.usefixtures("database_url")


def test_a_lease_is_renewed_for_as_long_as_it_is_held(settings):
    settings.IMPORT_LEASE_SECONDS = 0.3
    import_ = leases.take(make_row().pk)
    with leases.keep_renewing(import_):
        time.sleep(0.9)
        assert leases.take(import_.pk) is None
    time.sleep(0.4)
    assert leases.take(import_.pk).lease_number == 2


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
