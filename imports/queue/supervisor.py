"""A cluster that is started again when it dies, and when it only looks alive.

django-q2 hands tasks to its workers through a queue whose lock is a semaphore. A worker
that is killed while it waits for work dies with the lock: nothing is taken any more,
every process is up, and the cluster cannot even be stopped (django-q2 #23). And when
its main or its sentinel process is killed, the workers go on without it. So a
supervisor watches from outside what is done, not what lives, and ends whole process
groups; and every process of the cluster dies with the process that started it.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections
from django_q.cluster import Cluster

from imports.models import Import

logger = logging.getLogger(__name__)

TICK = 0.2  # seconds between looks at the processes
LOOK_EVERY = 1  # seconds between looks at the imports
STEADY_SECONDS = 10  # a cluster that lived that long is started again at once
LONGEST_PAUSE = 30  # seconds between two starts of a cluster that keeps dying
PR_SET_PDEATHSIG = 1


class Watch:
    """Tells a stuck cluster: imports wait, workers are free, and nothing is taken."""

    def __init__(self, stuck_seconds: float) -> None:
        self.stuck_seconds = stuck_seconds
        self.reset()

    def reset(self) -> None:
        self.waiting: set[int] = set()
        self.looked = self.since = time.monotonic()

    def is_stuck(self) -> bool:
        """Look at the imports, at most once a second."""
        now = time.monotonic()
        if now - self.looked < LOOK_EVERY:
            return False
        self.looked = now
        try:
            waiting = waiting_for_a_free_worker()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database cannot be asked, trying again: %s", error)
            connection.close()
            waiting = set()
        if not waiting or self.waiting - waiting:
            self.since = now
        self.waiting = waiting
        return now - self.since > self.stuck_seconds


def waiting_for_a_free_worker() -> set[int]:
    """The first imports that a worker could run now; none while all workers work."""
    if Import.objects.held().count() >= settings.Q_CLUSTER["workers"]:
        return set()
    due = Import.objects.in_turn().free().order_by("pk")
    return set(due.values_list("pk", flat=True)[:100])


class Supervisor:
    """Keeps one cluster at work until it is told to stop."""

    def __init__(self, *, stuck_seconds: float, stop_seconds: float) -> None:
        self.watch = Watch(stuck_seconds)
        self.stop_seconds = stop_seconds
        self.asked_to_stop = 0
        self.pause = 1.0
        self.cluster: multiprocessing.Process | None = None

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when no process of the cluster is left."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask_to_stop)
        die_with_parent_in_every_child()
        while not self.asked_to_stop:
            self.start()
            self.look_after()
        if self.cluster is not None:
            self.stop()

    def ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop += 1

    def start(self) -> None:
        connections.close_all()  # a connection does not survive the fork
        self.cluster = multiprocessing.get_context("fork").Process(target=run_cluster)
        self.cluster.start()
        self.started = time.monotonic()
        self.watch.reset()
        logger.info("A cluster was started: process %s.", self.cluster.pid)

    def look_after(self) -> None:
        """Returns when the cluster has ended, or is to."""
        while not self.asked_to_stop:
            time.sleep(TICK)
            if not self.cluster.is_alive():
                logger.error("The cluster has ended unasked. Starting another.")
                self.kill()
                self.wait_if_it_keeps_dying()
                break
            if self.watch.is_stuck():
                logger.error(
                    "Imports wait, workers are free, and nothing has been taken for "
                    "%g seconds. Starting another cluster.",
                    self.watch.stuck_seconds,
                )
                self.kill()
                break

    def wait_if_it_keeps_dying(self) -> None:
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.pause = 1.0
            return
        until = time.monotonic() + self.pause
        while not self.asked_to_stop and time.monotonic() < until:
            time.sleep(TICK)
        self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def stop(self) -> None:
        """Let running imports finish; whoever asks twice does not want to wait."""
        logger.info("Stopping, after the imports that are running.")
        until = time.monotonic() + self.stop_seconds
        if self.cluster.is_alive():
            self.cluster.terminate()
        while self.cluster.is_alive() and self.asked_to_stop < 2:
            if time.monotonic() > until:
                logger.warning("Not waiting any longer: what runs will be tried again.")
                break
            time.sleep(TICK)
        self.kill()
        logger.info("Stopped.")

    def kill(self) -> None:
        """End every process of the cluster, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.kill()  # in case it was not the head of its group yet
        self.cluster.join()


def run_cluster() -> None:
    """The cluster's main process, at the head of a process group of its own."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def die_with_parent_in_every_child() -> None:
    """From now on every forked process, and theirs, is killed when its parent dies."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def remember_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def die_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    os.register_at_fork(before=remember_parent, after_in_child=die_with_parent)
