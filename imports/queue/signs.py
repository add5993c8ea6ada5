"""Signs: what the processes of a cluster tell their supervisor, over a pipe.

They need no database: it may be away, or a worker may wait there for somebody's lock.
A sign is smaller than PIPE_BUF, so those of several processes do not mix, and what a
process said before it was killed is read all the same.
"""

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import IntEnum
from typing import Any, NamedTuple

from django.conf import settings
from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

LAYOUT = struct.Struct("=4q")
MANY = 1000  # signs in one read
BEATS_A_LEASE = 10


class Kind(IntEnum):
    #: The broker took a task (`key`: its id) from the database, for the workers.
    HANDED_OUT = 1
    #: A worker began such a task, and ended it.
    BEGAN = 2
    ENDED = 3
    #: A worker that is at a task runs Python now and then.
    BEATS = 4
    #: A worker took an import (`key`) under a lease number (`number`).
    TOOK = 5


class Sign(NamedTuple):
    kind: Kind
    pid: int
    key: int = 0
    number: int = 0


class Pipe:
    """Made by the supervisor for one cluster, before that is forked."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)

    def read(self) -> Iterator[Sign]:
        """All that was told since the last call, in order; never waits."""
        with suppress(BlockingIOError):
            while told := os.read(self.reader, MANY * LAYOUT.size):
                for kind, *rest in LAYOUT.iter_unpack(told):
                    yield Sign(Kind(kind), *rest)

    def close(self) -> None:
        for end in (self.reader, self.writer):
            with suppress(OSError):
                os.close(end)


_writer: int | None = None  # of this cluster; None in every other process
_at_work = threading.Event()


def tell(kind: Kind, key: int = 0, number: int = 0) -> None:
    """Tell the supervisor, if there is one."""
    if _writer is not None:
        with suppress(BrokenPipeError):  # it died, and this process is about to
            os.write(_writer, LAYOUT.pack(kind, os.getpid(), key, number))


def tell_from_now_on(pipe: Pipe) -> None:
    """Called in the cluster's main process, whose children inherit it.

    django-q2's signals are the only place where it says what its workers are at.
    """
    global _writer
    _writer = pipe.writer
    os.close(pipe.reader)
    post_spawn.connect(_begin_to_beat)
    pre_execute.connect(_task_began)
    post_execute_in_worker.connect(_task_ended)


def _begin_to_beat(**_: object) -> None:
    threading.Thread(target=_beat, name="beat", daemon=True).start()


def _beat() -> None:
    # A regular expression that holds the interpreter's lock stops this thread; waiting
    # for the database does not.
    while _at_work.wait():
        tell(Kind.BEATS)
        time.sleep(settings.IMPORT_LEASE_SECONDS / BEATS_A_LEASE)


def _task_began(task: dict[str, Any], **_: object) -> None:
    tell(Kind.BEGAN, task["ack_id"])
    _at_work.set()


def _task_ended(**_: object) -> None:
    _at_work.clear()
    tell(Kind.ENDED)
