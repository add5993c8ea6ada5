import contextlib
import os
import random
import signal
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from imports import pipeline
from imports.models import Import, State
from tests.factories import make_user
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until

pytestmark = [
    pytest.mark.slow,
    reads_proc,
]

NOTHING = b'{"meta":{"game":"sdvx","playtype":"Single","service":"test"},"scores":[]}'


@pytest.fixture(scope="class")
def cluster(tmp_path_factory, database_url):
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster(folder, database_url, workers=2, TASK_TIMEOUT_SECONDS=3)
    yield cluster
    cluster.end()


def send(what="", user=None):
    sent = pipeline.Sent(
        user or make_user(), "file/batch-manual", NOTHING, user_agent=what
    )
    return pipeline.accept(sent, inline=False)


def has_ended(import_):
    import_.refresh_from_db()
    return import_.state in {State.COMPLETED, State.FAILED}


def is_swept(cluster):
    """Whether a sweep has looked at all imports since: it starts one for which no
    worker was woken, which only a sweep finds."""
    found_by_a_sweep = pipeline.accept(
        pipeline.Sent(make_user(), "file/batch-manual", NOTHING), inline=True
    )
    long_ago = timezone.now() - timedelta(hours=1)
    Import.objects.filter(pk=found_by_a_sweep.pk).update(received_at=long_ago)
    return wait_until(lambda: has_ended(found_by_a_sweep))


class TestOneClusterAtWork:
    def test_an_import_begins_within_a_moment(self, cluster):
        import_ = send()
        assert wait_until(lambda: has_ended(import_)), cluster.log
        assert import_.state == State.COMPLETED, import_.error_text
        assert (import_.started_at - import_.received_at).total_seconds() < 1

    def test_an_import_with_a_fault_in_it_runs_once_and_fails(self, cluster):
        import_ = send("raise")
        assert wait_until(lambda: has_ended(import_)), cluster.log
        assert is_swept(cluster), cluster.log
        assert (import_.state, import_.error_status) == (State.FAILED, 500)
        assert import_.error_text == pipeline.INTERNAL_ERROR
        assert "planted" in import_.error_detail
        assert cluster.times_begun(import_) == 1

    def test_an_import_that_exceeds_the_time_out_runs_once_and_fails(self, cluster):
        import_ = send("hold")
        assert wait_until(lambda: has_ended(import_)), cluster.log
        assert is_swept(cluster), cluster.log
        assert (import_.state, import_.error_status) == (State.FAILED, 500)
        assert "took longer than" in import_.error_text
        assert cluster.times_begun(import_) == 1

    def test_the_import_of_a_worker_that_dies_every_time_is_given_up(self, cluster):
        import_ = send("die")
        assert wait_until(lambda: has_ended(import_), seconds=30), cluster.log
        assert (import_.state, import_.error_status) == (State.FAILED, 500)
        assert "started 3 times" in import_.error_text
        assert cluster.times_begun(import_) == 3


def test_the_import_of_a_killed_worker_is_taken_over(start_cluster):
    cluster = start_cluster()
    import_ = send("hold")
    assert wait_until(lambda: cluster.times_begun(import_) == 1)
    cluster.kill(*cluster.workers)
    cluster.release()
    assert wait_until(lambda: cluster.times_begun(import_) == 2, seconds=5), cluster.log
    assert wait_until(lambda: has_ended(import_)), cluster.log
    assert (import_.state, import_.lease_number) == (State.COMPLETED, 2)


def test_a_cluster_is_replaced_when_a_killed_idle_worker_jams_it(start_cluster):
    cluster = start_cluster("--stuck-seconds=2")
    jammed = set(cluster.processes()) - {cluster.supervisor.pid}
    cluster.kill(*cluster.workers)
    import_ = send()
    assert wait_until(lambda: has_ended(import_)), cluster.log
    assert import_.state == State.COMPLETED
    assert "nothing has been taken" in cluster.log
    assert cluster.times_begun(import_) == 1
    assert not cluster.alive(jammed)


def test_a_jammed_cluster_can_be_stopped(start_cluster):
    cluster = start_cluster("--stop-seconds=1")
    jammed = set(cluster.processes()) - {cluster.supervisor.pid}
    killed = cluster.workers
    cluster.kill(*killed)
    assert wait_until(lambda: cluster.has_replaced(killed)), cluster.log
    cluster.ask_to_stop()
    assert cluster.supervisor.wait(timeout=10) == 0
    assert wait_until(lambda: not cluster.alive(jammed), seconds=1)


@pytest.mark.parametrize("who", ["sentinel", "workers", "all"])
def test_a_cluster_in_which_nothing_runs_is_not_waited_for(start_cluster, who):
    cluster = start_cluster("--stop-seconds=60", workers=2)
    import_ = send()
    assert wait_until(lambda: has_ended(import_)), cluster.log
    cluster.ask_to_stop()
    told = {"sentinel": [cluster.sentinel], "workers": cluster.workers}
    for pid in told.get(who, sorted(cluster.processes())):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    assert cluster.supervisor.wait(timeout=15) == 0
    assert wait_until(lambda: not cluster.processes(), seconds=1)


@pytest.mark.parametrize("victim", ["main", "sentinel"])
def test_no_two_clusters_are_at_work_when_the_head_of_one_is_killed(
    start_cluster, victim
):
    cluster = start_cluster(workers=2)
    beheaded = set(cluster.processes()) - {cluster.supervisor.pid}
    cluster.kill(getattr(cluster, victim))
    assert wait_until(lambda: not cluster.alive(beheaded), seconds=2), cluster.log
    assert wait_until(cluster.is_complete), cluster.log
    import_ = send()
    assert wait_until(lambda: has_ended(import_)), cluster.log
    assert cluster.times_begun(import_) == 1


def test_nothing_outlives_a_killed_supervisor(start_cluster):
    cluster = start_cluster(workers=2)
    cluster.kill(cluster.supervisor.pid)
    assert wait_until(lambda: not cluster.processes(), seconds=2), cluster.log


def test_a_running_import_is_finished_before_the_cluster_stops(start_cluster):
    cluster = start_cluster()
    import_ = send("hold")
    assert wait_until(lambda: cluster.times_begun(import_) == 1)
    cluster.ask_to_stop()
    assert wait_until(lambda: "Stopping" in cluster.log)
    cluster.release()
    assert cluster.supervisor.wait(timeout=10) == 0
    assert has_ended(import_)
    assert (import_.state, import_.lease_number) == (State.COMPLETED, 1)
    assert not cluster.processes()


def test_a_signal_to_stop_that_every_process_gets_costs_no_attempt(start_cluster):
    # As from systemd with its default, KillMode=control-group.
    cluster = start_cluster(IMPORT_LEASE_SECONDS=30)
    import_ = send("hold")
    assert wait_until(lambda: cluster.times_begun(import_) == 1)
    for pid in sorted(cluster.processes()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    assert cluster.supervisor.wait(timeout=10) == 0
    assert wait_until(lambda: not cluster.processes(), seconds=1)
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.QUEUED, 0)
    following = start_cluster()
    following.release()
    assert wait_until(lambda: has_ended(import_)), following.log
    assert import_.state == State.COMPLETED


def test_no_wake_up_is_left_in_the_queue_when_a_kill_jams_the_results(start_cluster):
    cluster = start_cluster()
    _, monitor, _ = cluster.children(cluster.sentinel)
    cluster.kill(monitor)
    assert wait_until(lambda: cluster.has_replaced([monitor])), cluster.log
    sent = [send() for _ in range(3)]
    assert wait_until(lambda: all(map(has_ended, sent))), cluster.log
    assert not OrmQ.objects.exists()


def times_begun(clusters):
    return sum(len(cluster.noted) for cluster in clusters)


def test_every_import_completes_once_and_in_order_while_workers_are_killed(
    start_cluster,
):
    clusters = [start_cluster("--stuck-seconds=3", workers=2) for _ in range(2)]
    users = [make_user() for _ in range(4)]
    sent = [send("work 0.1", user) for _ in range(6) for user in users]
    chance = random.Random(7)
    for begun in (3, 6, 9, 12):
        assert wait_until(lambda begun=begun: times_begun(clusters) >= begun)
        cluster = chance.choice(clusters)
        with contextlib.suppress(ValueError, LookupError):  # it is being replaced
            cluster.kill(chance.choice(cluster.workers))
    assert wait_until(lambda: all(map(has_ended, sent)), seconds=30), clusters[0].log
    for user in users:
        ended = Import.objects.filter(user=user).order_by("pk")
        assert {import_.state for import_ in ended} == {State.COMPLETED}
        assert [import_.sequence for import_ in ended] == [1, 2, 3, 4, 5, 6]
