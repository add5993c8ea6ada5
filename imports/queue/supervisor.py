"""The supervisor of a cluster: starts another one when it dies, or when it is stuck.

django-q2 hands tasks to its workers through a queue whose lock is a semaphore. A worker
that is killed while it waits for a task keeps that lock for ever: all processes run,
no task is taken any more, and the cluster does not react to signals (django-q2 #23).
When its main or its sentinel process is killed, the workers run on without it, and a
second cluster would be beside them. So the supervisor

- watches whether tasks are taken, not whether processes run, by the processes' own
  signs (`imports.queue.signs`);
- ends a worker that stalls in its task, and that one only: killed at work it holds no
  lock, and its import is tried again when its lease has run out;
- kills the cluster's whole process group, and hands back what ran there;
- has every process of the cluster killed when its parent dies.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress

from django.conf import settings
from django.db import connections
from django_q.cluster import Cluster

from imports.queue import signs
from imports.queue.hand_back import hand_back
from imports.queue.presence import Presence
from imports.queue.sweeper import Sweeper
from imports.queue.watch import Watch

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
STABLE_SECONDS = 10  # a cluster that ran for that long is replaced without a pause
END_SECONDS = 3  # for a cluster that is told to stop while none of its workers runs
MAX_PAUSE_SECONDS = 30  # between two starts of a cluster that keeps dying
NICENESS = 10  # of workers: requests are answered first where both need the processor
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


class Supervised:
    """A cluster that runs: its processes, the pipe for their signs, and the watch."""

    def __init__(self, *, stuck_seconds: float) -> None:
        self.watch = Watch(
            workers=settings.Q_CLUSTER["workers"],
            stuck=stuck_seconds,
            # Before the lease of an import that it may have runs out.
            stalled=settings.IMPORT_LEASE_SECONDS / 2,
        )
        self.pipe = signs.Pipe()
        connections.close_all()  # a connection does not survive the fork
        self.main = multiprocessing.get_context("fork").Process(
            target=run_cluster, args=[self.pipe]
        )
        self.main.start()
        self.looked = time.monotonic()
        logger.info("A cluster was started: process %s.", self.main.pid)

    def look(self, *, is_stopping: bool = False) -> None:
        """Read the signs that have come, and kill workers that stall.

        Who dies while the cluster is stopping was told to, by an init system that
        tells every process: what it had is handed back.
        """
        now = time.monotonic()
        is_there = everybody if is_stopping else self.has
        self.watch.look(self.pipe.read(), now - self.looked, is_there)
        self.looked = now
        for pid in filter(self.has, self.watch.stalled_workers()):
            logger.error("Worker %s has stalled in its task, and is killed.", pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.watch.forget(pid)

    def has(self, pid: int) -> bool:
        """Whether a process of this cluster has the number: no other is ever killed."""
        try:
            return os.getpgid(pid) == self.main.pid
        except ProcessLookupError:
            return False

    def is_at_work(self) -> bool:
        """Whether one of its workers is in a task."""
        return any(self.has(pid) for pid in self.watch.at_work)

    def end(self) -> None:
        """Kill every process, and queue the imports again that ran there."""
        assert self.main.pid is not None  # it was started
        with suppress(ProcessLookupError):
            os.killpg(self.main.pid, signal.SIGKILL)
        # It may not lead a group of its own yet (`run_cluster`): then the signal to the
        # group found no process.
        self.main.kill()
        self.main.join()
        self.watch.look(self.pipe.read(), 0, everybody)
        self.pipe.close()
        hand_back(self.watch.held())


class Supervisor:
    """Keeps one cluster running until SIGTERM or SIGINT.

    `stuck_seconds` is after how long a stuck cluster is replaced, `stop_seconds` how
    long imports that run may take to finish when it is to stop.
    """

    def __init__(self, *, stuck_seconds: float, stop_seconds: float) -> None:
        self.stuck_seconds = stuck_seconds
        self.stop_seconds = stop_seconds
        self.stop_signals = 0
        self.pause = 1.0

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when no process of the cluster is left."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.on_stop_signal)
        kill_children_with_their_parent()
        while not self.stop_signals:
            self.started = time.monotonic()
            cluster = Supervised(stuck_seconds=self.stuck_seconds)
            if not self.ends(cluster):
                self.stop(cluster)

    def on_stop_signal(self, *_: object) -> None:
        self.stop_signals += 1

    def ends(self, cluster: Supervised) -> bool:
        """Whether it ends, or is ended here; False when it is to be stopped."""
        while True:
            time.sleep(POLL_SECONDS)
            if self.stop_signals:
                return False
            cluster.look()
            if not cluster.main.is_alive():
                logger.error("The cluster has ended by itself. Starting another.")
                cluster.end()
                self.pause_if_it_keeps_dying()
                return True
            if cluster.watch.is_stuck():
                logger.error(
                    "Tasks wait, workers are free, and nothing has been taken for "
                    "%g seconds. Starting another cluster.",
                    self.stuck_seconds,
                )
                cluster.end()
                return True

    def pause_if_it_keeps_dying(self) -> None:
        if time.monotonic() - self.started > STABLE_SECONDS:
            self.pause = 1.0
            return
        until = time.monotonic() + self.pause
        while not self.stop_signals and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        self.pause = min(2 * self.pause, MAX_PAUSE_SECONDS)

    def stop(self, cluster: Supervised) -> None:
        """Let imports that run finish; a second signal stops without waiting.

        Nor is a cluster waited for that does not end although nothing runs there: one
        of its processes was killed, and the others wait for it.
        """
        logger.info("Stopping, after the imports that are running.")
        until = time.monotonic() + self.stop_seconds
        idle = 0.0
        if cluster.main.is_alive():
            cluster.main.terminate()
        while cluster.main.is_alive() and self.stop_signals < 2:
            if time.monotonic() > until:
                logger.warning("Not waiting any longer: what runs will be tried again.")
                break
            if idle > END_SECONDS:
                logger.warning("Nothing runs, and the cluster does not end: killed.")
                break
            time.sleep(POLL_SECONDS)
            cluster.look(is_stopping=True)
            idle = 0.0 if cluster.is_at_work() else idle + POLL_SECONDS
        cluster.end()
        Presence(os.getpid()).leave()
        logger.info("Stopped.")


def run_cluster(pipe: signs.Pipe) -> None:
    """Run as the cluster's main process: the leader of a process group of its own."""
    os.setsid()
    os.nice(NICENESS)
    signs.tell_from_now_on(pipe)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    cluster = Cluster()
    cluster.start()
    # This process forks no more: from here on it may have a thread.
    sweeper = Sweeper(Presence(os.getppid()))
    threading.Thread(target=sweeper.run, name="sweep", daemon=True).start()
    cluster.sentinel.join()


def everybody(pid: int) -> bool:
    """Whether a worker counts as there: for who does not ask any more."""
    return True


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
