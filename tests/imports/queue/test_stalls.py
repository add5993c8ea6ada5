"""A worker that holds the interpreter's lock for good is ended, and nobody else."""

import pytest

from imports.models import State
from tests.imports.queue.clusters import reads_proc, wait_until
from tests.imports.queue.test_queue_kills import has_ended, send

pytestmark = [pytest.mark.slow, reads_proc]


def test_an_import_that_stalls_its_workers_fails_and_spoils_nobody_elses(start_cluster):
    cluster = start_cluster(workers=2, IMPORT_ATTEMPTS=3)
    workers = set(cluster.workers)
    there = set(cluster.processes()) - workers
    neighbour = send("hold")
    assert wait_until(lambda: cluster.times_begun(neighbour) == 1), cluster.log
    bomb = send("stall")
    assert wait_until(lambda: cluster.times_begun(bomb) == 1), cluster.log
    waiting = send()
    assert wait_until(lambda: has_ended(waiting), 10), cluster.log
    assert wait_until(lambda: has_ended(bomb), 40), cluster.log
    assert cluster.times_begun(bomb) == 3
    assert (bomb.state, bomb.error_status) == (State.FAILED, 500)
    assert "started 3 times" in bomb.error_text
    assert cluster.log.count("has stalled") == 3
    assert cluster.alive(there) == there, cluster.log
    assert len(cluster.alive(workers)) == 1  # the neighbour's
    cluster.release()
    assert wait_until(lambda: has_ended(neighbour)), cluster.log
    for import_ in (neighbour, waiting):
        assert (import_.state, import_.lease_number) == (State.COMPLETED, 1)
        assert import_.attempts == 0


def test_what_runs_in_a_cluster_that_is_replaced_loses_no_attempt(start_cluster):
    cluster = start_cluster("--stuck-seconds=2", workers=2, IMPORT_ATTEMPTS=1)
    at_work = send("hold")
    assert wait_until(lambda: cluster.times_begun(at_work) == 1), cluster.log
    [idle] = set(cluster.workers) - {cluster.worker_at(at_work)}
    cluster.kill(idle)
    import_ = send()
    assert wait_until(lambda: has_ended(import_)), cluster.log
    assert "nothing has been taken" in cluster.log
    cluster.release()
    assert wait_until(lambda: has_ended(at_work)), cluster.log
    assert (at_work.state, at_work.attempts) == (State.COMPLETED, 0)


def test_what_runs_in_a_cluster_that_is_stopped_loses_no_attempt(start_cluster):
    cluster = start_cluster("--stop-seconds=1", IMPORT_ATTEMPTS=1)
    import_ = send("hold")
    assert wait_until(lambda: cluster.times_begun(import_) == 1), cluster.log
    cluster.ask_to_stop()
    assert cluster.supervisor.wait(timeout=10) == 0
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.QUEUED, 0)
    again = start_cluster()
    again.release()
    assert wait_until(lambda: has_ended(import_)), again.log
    assert (import_.state, import_.attempts) == (State.COMPLETED, 0)
