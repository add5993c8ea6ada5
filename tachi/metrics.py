"""Figures that each process counts for itself, and that `/metrics` adds up.

With METRICS=on they are kept in files under `var/metrics`, by prometheus_client's
multiprocess mode: whichever process is asked reads those of all, web processes and
workers of this host. A process has a slot, not a file of its own: who comes after it
goes on counting there. So nothing is lost when one dies, nothing falls, and there are
no more files than there were processes at one time, however often they are replaced.
"""

import fcntl
import logging
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger(__name__)

FILE_BYTES = 1 << 20  # as much as a slot ever needs; see `Slot.take`
MOST_SLOTS = 1000
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
IMPORT_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)


class Slot:
    """This process's number among those that count: the first that nobody has.

    It is had by a lock on a file, which the kernel opens when the process dies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = self.lock = self.parents = -1
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """A forked child takes a slot of its own, when it first counts.

        Never its parent's: it has copies of the numbers there, which would be old.
        """
        if self.lock >= 0:
            os.close(self.lock)
        self.parents, self.number, self.lock = self.number, -1, -1

    def __call__(self) -> int:
        if self.number < 0:
            self.take()
        return self.number

    def take(self) -> None:
        """Raises OSError when the folder cannot be used, or the disk is full."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(MOST_SLOTS):
            if number == self.parents:
                continue
            lock = os.open(
                self.folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o660
            )
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A page of a mapped file that the disk has no room for kills the
                # process: room is made before.
                for kind in ("counter", "histogram"):
                    file = self.folder / f"{kind}_{number}.db"
                    remove_if_broken(file)
                    allocate(file)
            except BlockingIOError:
                os.close(lock)
                continue
            except OSError:
                os.close(lock)
                raise
            self.number, self.lock = number, lock
            return
        raise OSError(f"{MOST_SLOTS} processes count already.")


def remove_if_broken(file: Path) -> None:
    """Begin anew where the machine died with half of a file on its disk."""
    try:
        if file.exists():
            of_file: Any = MmapedDict.read_all_values_from_file
            list(of_file(str(file)))
    except OSError:
        raise
    except Exception as error:
        logger.error("%s is broken, and is begun anew: %r", file, error)
        file.unlink()


def allocate(file: Path) -> None:
    """Make the file as long as it ever is, its room on the disk included."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o660)
    try:
        if os.fstat(descriptor).st_size >= FILE_BYTES:
            return
        if sys.platform == "linux":
            os.posix_fallocate(descriptor, 0, FILE_BYTES)
        else:
            os.truncate(descriptor, FILE_BYTES)
    finally:
        os.close(descriptor)


def share(folder: Path) -> bool:
    """Keep what is counted from here on in the folder; False when that cannot be."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        of_slots: Any = values.MultiProcessValue  # it has no types
        values.ValueClass = of_slots(Slot(folder))
    except OSError as error:
        logger.error("Metrics are of one process only: %s", error)
        return False
    return True


IS_SHARED = settings.METRICS and share(settings.METRICS_DIR)
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "tachi_requests",
    "Requests that were answered.",
    ["route", "method", "status"],
    registry=REGISTRY,
)
REQUEST_DURATION = Histogram(
    "tachi_request_seconds",
    "How long requests took, from the first middleware on.",
    ["route"],
    buckets=SECONDS,
    registry=REGISTRY,
)
STATEMENTS = Counter(
    "tachi_database_statements",
    "SQL statements, of requests and of imports.",
    ["by"],
    registry=REGISTRY,
)
IMPORT_DURATION = Histogram(
    "tachi_import_run_seconds",
    "How long workers worked on imports, each time they took one.",
    ["import_type", "outcome"],
    buckets=IMPORT_SECONDS,
    registry=REGISTRY,
)
IMPORT_ROWS = Counter(
    "tachi_import_rows",
    "Rows of completed imports.",
    ["outcome"],
    registry=REGISTRY,
)
METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"}


def count_request(
    route: str, method: str, status: int, seconds: float, statements: int
) -> None:
    """Count a request that was answered. Raises nothing."""
    if not settings.METRICS:
        return
    try:
        known = method if method in METHODS else "other"
        REQUESTS.labels(route, known, f"{status // 100}xx").inc()
        REQUEST_DURATION.labels(route).observe(seconds)
        STATEMENTS.labels("requests").inc(statements)
    except Exception as error:  # the disk is full, or somebody removed the folder
        logger.warning("A request was not counted: %r", error)


def count_import(
    import_type: str,
    outcome: str,
    seconds: float,
    statements: int,
    rows: dict[str, int],
) -> None:
    """Count a run of an import, and, if it completed it, its rows. Raises nothing."""
    if not settings.METRICS:
        return
    try:
        IMPORT_DURATION.labels(import_type, outcome).observe(seconds)
        STATEMENTS.labels("imports").inc(statements)
        for name, number in rows.items():
            IMPORT_ROWS.labels(name).inc(number)
    except Exception as error:
        logger.warning("An import was not counted: %r", error)


def counted() -> list[Metric]:
    """What all processes have counted; what cannot be read is left out."""
    if not IS_SHARED:
        return list(REGISTRY.collect())
    try:
        of_all: Any = MultiProcessCollector
        return list(of_all(None, str(settings.METRICS_DIR)).collect())
    except Exception as error:
        logger.error("What was counted cannot be read: %r", error)
        return []
