"""Real clusters for tests: a scratch database on disk, and the processes on it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition, seconds=20):
    """Whether the condition came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def parents():
    """The parent of every process that lives: {process: parent}."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2]
            state, parent = rest.split()[:2]
            if state != "Z":
                found[pid] = int(parent)
    return found


def alive(pids):
    living = parents()
    return [pid for pid in pids if pid in living]


def kill(*pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


class Cluster:
    """`qcluster` with its supervisor: one process per name, and the workers."""

    def __init__(self, folder, database_url, *options, workers=1, **environment):
        self.workers_wanted = workers
        self.journal = folder / "journal"
        self.journal.touch()
        self.log_file = folder / "log"
        settings = {
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tachi.settings",
            "JOURNAL": self.journal,
            "WORKERS": workers,
            "IMPORT_LEASE_SECONDS": 2,
            "TASK_TIMEOUT_SECONDS": 60,
            "TASK_RETRY_SECONDS": 90,
            **environment,
        }
        with self.log_file.open("w") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "tests.imports.cluster_process", *options],
                cwd=ROOT,
                env={**os.environ, **{name: str(settings[name]) for name in settings}},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self.is_complete), self.log

    @property
    def log(self):
        return self.log_file.read_text()

    def times_begun(self, import_):
        return self.journal.read_text().split().count(str(import_.pk))

    def children(self, pid):
        return sorted(child for child, parent in parents().items() if parent == pid)

    @property
    def main(self):
        return next(iter(self.children(self.supervisor.pid)), 0)

    @property
    def sentinel(self):
        return next(iter(self.children(self.main)), 0)

    @property
    def workers(self):
        return self.children(self.sentinel)[: self.workers_wanted]

    @property
    def processes(self):
        """All but the supervisor."""
        helpers = self.children(self.sentinel)
        return [pid for pid in (self.main, self.sentinel, *helpers) if pid]

    def is_complete(self):
        # main, sentinel, monitor and pusher
        return len(self.processes) == self.workers_wanted + 4

    def ask_to_stop(self):
        self.supervisor.send_signal(signal.SIGTERM)

    def end(self):
        """Whatever it does, it does not outlive its test."""
        left = self.processes
        self.supervisor.kill()
        self.supervisor.wait()
        wait_until(lambda: not alive(left), seconds=2)
        for pid in alive(left):
            kill(pid)
