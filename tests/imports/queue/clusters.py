"""Real clusters for tests: a scratch database on disk, and the processes on it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
reads_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def wait_until(condition, seconds=20):
    """Whether the condition came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Cluster:
    """`qcluster` with its supervisor: one process per name, and the workers."""

    def __init__(self, folder, database_url, *options, workers=1, **environment):
        self.workers_wanted = workers
        self.journal = folder / "journal"
        self.journal.touch()
        self.released = folder / "released"
        self.log_file = folder / "log"
        settings = {
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tachi.settings",
            "JOURNAL": self.journal,
            "RELEASE": self.released,
            "WORKERS": workers,
            "IMPORT_LEASE_SECONDS": 2,
            "TASK_TIMEOUT_SECONDS": 60,
            "TASK_RETRY_SECONDS": 90,
            **environment,
        }
        with self.log_file.open("w") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "tests.imports.queue.cluster_process", *options],
                cwd=ROOT,
                env={**os.environ, **{name: str(settings[name]) for name in settings}},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self.is_complete), self.log

    @property
    def log(self):
        return self.log_file.read_text()

    @property
    def noted(self):
        return self.journal.read_text().splitlines()

    def times_begun(self, import_):
        return len(self._readers(import_))

    def worker_at(self, import_):
        """The worker that began it last."""
        return self._readers(import_)[-1]

    def _readers(self, import_):
        lines = [line.split(" by ") for line in self.noted if " by " in line]
        return [int(pid) for pk, pid in lines if pk == str(import_.pk)]

    def has_halted(self, import_):
        return f"{import_.pk} halted" in self.noted

    def release(self):
        """Let the imports that hold go on, and all after them."""
        self.released.touch()

    def processes(self):
        """The parent of each process of this cluster, and of no other: {pid: pid}.

        Known by the journal in their environment, so that nothing else on the machine
        can ever be taken for one of them.
        """
        mark = f"JOURNAL={self.journal}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    state, parent = (
                        (folder / "stat").read_text().rsplit(")")[1].split()[:2]
                    )
                    if state != "Z":
                        found[int(folder.name)] = int(parent)
        return found

    def children(self, pid):
        found = self.processes()
        return sorted(child for child in found if found[child] == pid)

    @property
    def main(self):
        [main] = self.children(self.supervisor.pid)
        return main

    @property
    def sentinel(self):
        [sentinel] = self.children(self.main)
        return sentinel

    @property
    def workers(self):
        # The sentinel starts its workers first, then the monitor and the pusher.
        return self.children(self.sentinel)[: self.workers_wanted]

    def is_complete(self):
        # supervisor, main, sentinel, monitor and pusher
        return len(self.processes()) == self.workers_wanted + 5

    def has_replaced(self, workers):
        """Whether others have been started in the place of workers that were killed."""
        return self.is_complete() and not self.alive(workers)

    def kill(self, *pids):
        """Kill processes of this cluster; any other is an error."""
        for pid in pids:
            if pid not in self.processes():
                raise LookupError(f"{pid} is not a process of this cluster.")
            os.kill(pid, signal.SIGKILL)

    def alive(self, pids):
        return set(pids) & set(self.processes())

    def ask_to_stop(self):
        self.supervisor.send_signal(signal.SIGTERM)

    def end(self):
        """Whatever it does, it does not outlive its test."""
        self.supervisor.kill()
        self.supervisor.wait()
        while left := self.processes():  # the head may just be starting others
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
