"""The supervisor of a cluster: starts another one when it dies, or when it is stuck.

django-q2 hands tasks to its workers through a queue whose lock is a semaphore. A worker
that is killed while it waits for a task keeps that lock for ever: all processes run,
no task is taken any more, and the cluster does not react to signals (django-q2 #23).
When its main or its sentinel process is killed, the workers run on without it, and a
second cluster would be beside them. So the supervisor

- watches whether imports are taken, not whether processes run;
- kills the cluster's whole process group;
- has every process of the cluster killed when its parent dies.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from django_q.cluster import Cluster

from imports.models import Import

logger = logging.getLogger(__name__)

PROCESS_POLL_SECONDS = 0.2
IMPORT_POLL_SECONDS = 1
STABLE_SECONDS = 10  # a cluster that ran for that long is replaced without a pause
MAX_PAUSE_SECONDS = 30  # between two starts of a cluster that keeps dying
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


class Watch:
    """Detects a stuck cluster: for `stuck_seconds` imports waited, workers were free,
    and none of the imports was taken.
    """

    def __init__(self, stuck_seconds: float) -> None:
        self.stuck_seconds = stuck_seconds
        self.reset()

    def reset(self) -> None:
        """Begin to watch another cluster."""
        self.waiting: set[int] = set()
        self.last_poll = self.last_progress = time.monotonic()

    def is_stuck(self) -> bool:
        """Whether it is stuck; asks the database at most once a second."""
        now = time.monotonic()
        if now - self.last_poll < IMPORT_POLL_SECONDS:
            return False
        self.last_poll = now
        try:
            waiting = waiting_for_a_free_worker()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database cannot be asked, trying again: %s", error)
            connection.close()
            waiting = set()
        if not waiting or self.waiting - waiting:  # one that waited was taken
            self.last_progress = now
        self.waiting = waiting
        return now - self.last_progress > self.stuck_seconds


def waiting_for_a_free_worker() -> set[int]:
    """The first imports that a worker could take now; none while all are busy."""
    if Import.objects.held().count() >= settings.Q_CLUSTER["workers"]:
        return set()
    free = Import.objects.first_of_each_user().free().order_by("pk")
    return set(free.values_list("pk", flat=True)[:100])


class Supervisor:
    """Keeps one cluster running until SIGTERM or SIGINT.

    `stuck_seconds` is after how long a stuck cluster is replaced, `stop_seconds` how
    long imports that run may take to finish when it is to stop.
    """

    def __init__(self, *, stuck_seconds: float, stop_seconds: float) -> None:
        self.watch = Watch(stuck_seconds)
        self.stop_seconds = stop_seconds
        self.stop_signals = 0
        self.pause = 1.0

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when no process of the cluster is left."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.on_stop_signal)
        kill_children_with_their_parent()
        cluster = None
        while not self.stop_signals:
            cluster = self.start()
            self.watch_cluster(cluster)
        if cluster is not None:
            self.stop(cluster)

    def on_stop_signal(self, *_: object) -> None:
        self.stop_signals += 1

    def start(self) -> BaseProcess:
        connections.close_all()  # a connection does not survive the fork
        cluster = multiprocessing.get_context("fork").Process(target=run_cluster)
        cluster.start()
        self.started = time.monotonic()
        self.watch.reset()
        logger.info("A cluster was started: process %s.", cluster.pid)
        return cluster

    def watch_cluster(self, cluster: BaseProcess) -> None:
        """Returns when the cluster has ended, or is to be stopped."""
        while not self.stop_signals:
            time.sleep(PROCESS_POLL_SECONDS)
            if not cluster.is_alive():
                logger.error("The cluster has ended by itself. Starting another.")
                kill(cluster)
                self.pause_if_it_keeps_dying()
                break
            if self.watch.is_stuck():
                logger.error(
                    "Imports wait, workers are free, and nothing has been taken for "
                    "%g seconds. Starting another cluster.",
                    self.watch.stuck_seconds,
                )
                kill(cluster)
                break

    def pause_if_it_keeps_dying(self) -> None:
        if time.monotonic() - self.started > STABLE_SECONDS:
            self.pause = 1.0
            return
        until = time.monotonic() + self.pause
        while not self.stop_signals and time.monotonic() < until:
            time.sleep(PROCESS_POLL_SECONDS)
        self.pause = min(2 * self.pause, MAX_PAUSE_SECONDS)

    def stop(self, cluster: BaseProcess) -> None:
        """Let imports that run finish; a second signal stops without waiting."""
        logger.info("Stopping, after the imports that are running.")
        until = time.monotonic() + self.stop_seconds
        if cluster.is_alive():
            cluster.terminate()
        while cluster.is_alive() and self.stop_signals < 2:
            if time.monotonic() > until:
                logger.warning("Not waiting any longer: what runs will be tried again.")
                break
            time.sleep(PROCESS_POLL_SECONDS)
        kill(cluster)
        logger.info("Stopped.")


def kill(cluster: BaseProcess) -> None:
    """Kill every process of the cluster."""
    assert cluster.pid is not None  # it was started
    with suppress(ProcessLookupError):
        os.killpg(cluster.pid, signal.SIGKILL)
    # It may not lead a group of its own yet (`run_cluster`): then the signal to the
    # group found no process.
    cluster.kill()
    cluster.join()


def run_cluster() -> None:
    """Run as the cluster's main process: the leader of a process group of its own."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def kill_children_with_their_parent() -> None:
    """From now on the kernel kills every forked process when its parent dies."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def remember_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def die_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have died before prctl: then no signal is to be expected.
        if os.getppid() != parent:
            os._exit(1)

    os.register_at_fork(before=remember_parent, after_in_child=die_with_parent)
