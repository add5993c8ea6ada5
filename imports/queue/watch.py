"""What a supervisor knows of its cluster: who is at work, who is stuck."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from imports.queue.signs import Kind, Sign

LONGEST_STEP = 1.0  # seconds: a supervisor that slept learns nothing from its sleep


@dataclass
class AtWork:
    """A worker in a task: since when it gave no sign, which imports it took there
    (primary key → lease number), and whether it was gone at the last look.
    """

    silent: float = 0.0
    is_gone: bool = False
    holds: dict[int, int] = field(default_factory=dict)


class Watch:
    """Follows the signs of one cluster. All times are in seconds.

    Leases say little about it: one that cannot be renewed, because the table is locked
    or the row is being written, belongs to a worker that is at work.
    """

    def __init__(self, *, workers: int, stuck: float, stalled: float) -> None:
        self.workers, self.stuck, self.stalled = workers, stuck, stalled
        self.handed_out: deque[int] = deque()
        self.at_work: dict[int, AtWork] = {}
        self.refused = 0.0  # for how long free workers have not taken what was there

    def look(
        self, signs: Iterable[Sign], seconds: float, is_there: Callable[[int], bool]
    ) -> None:
        """Note what was told in the last `seconds`, and who has died (by pid).

        Who is gone is forgotten at the second look: when the whole cluster dies, its
        workers may be gone a moment before that is seen, and what they had is handed
        back.
        """
        step = min(seconds, LONGEST_STEP)
        for worker in self.at_work.values():
            worker.silent += step
        self.refused += step
        for sign in signs:
            self._note(sign)
        for pid, worker in [*self.at_work.items()]:
            was_gone, worker.is_gone = worker.is_gone, not is_there(pid)
            if was_gone and worker.is_gone:
                del self.at_work[pid]
        if not self.handed_out or len(self.at_work) >= self.workers:
            self.refused = 0.0

    def _note(self, sign: Sign) -> None:
        match sign.kind:
            case Kind.HANDED_OUT:
                self.handed_out.append(sign.key)
            case Kind.BEGAN:
                self._forget_before(sign.key)
                self.at_work[sign.pid] = AtWork()
                self.refused = 0.0
            case Kind.ENDED:
                self.at_work.pop(sign.pid, None)
                self.refused = 0.0
        if worker := self.at_work.get(sign.pid):
            worker.silent = 0.0
            if sign.kind == Kind.TOOK:
                worker.holds[sign.key] = sign.number

    def _forget_before(self, task: int) -> None:
        """Workers take tasks in the order in which they were handed out, so one before
        this has begun as well, or was lost with whoever had it.
        """
        if task in self.handed_out:
            while self.handed_out.popleft() != task:
                pass

    def is_stuck(self) -> bool:
        """Whether tasks are there, workers are free, and none has been taken for too
        long, as when an idle worker was killed: it held the lock of django-q2's queue.
        """
        return self.refused > self.stuck

    def stalled_workers(self) -> list[int]:
        """The pids of those that have given no sign in their task for too long."""
        return [pid for pid in self.at_work if self.at_work[pid].silent > self.stalled]

    def forget(self, pid: int) -> None:
        """Its worker was killed; what it had is not handed back, and counts."""
        del self.at_work[pid]

    def held(self) -> list[tuple[int, int]]:
        """The imports that its workers have taken: primary keys and lease numbers."""
        return [
            taken for worker in self.at_work.values() for taken in worker.holds.items()
        ]
