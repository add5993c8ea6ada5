"""A bound on the processor time of a block, which ends it when it is reached."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FEWEST_SECONDS = 0.0005  # below this, time cannot be compared
LONGEST_INPUT = 100_000  # characters; what is quadratic takes seconds for them
TIMES = 64  # longer is the second input
LINEAR = 800  # times longer it may take: 64 is linear, 4,096 is quadratic
ROUNDS = 5


class TooMuch(BaseException):
    """Not an Exception: nothing on its way may take it for a fault of its own."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """AssertionError as soon as this process has used so many seconds in the block.

    In the main thread only; the engine of regular expressions is interrupted too.
    """

    def stop(*_: object) -> None:
        raise TooMuch

    usual = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except TooMuch:
        raise AssertionError(f"It takes more than {seconds} s.") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)


def growth(act: Callable[[str], object], make: Callable[[int], str]) -> float:
    """How many times longer it takes for 64 times the input; compare it to LINEAR.

    1 where even the longest takes no time. The least of some rounds, for on a busy
    machine everything takes longer now and then.
    """
    size = 500
    while seconds(act, make(size)) < FEWEST_SECONDS:
        size *= 2
        if size > LONGEST_INPUT:
            return 1
    short, long = make(size), make(TIMES * size)
    found = []
    for _ in range(ROUNDS):
        found.append(seconds(act, long) / seconds(act, short))
        if found[-1] < LINEAR:
            break
    return min(found)


def seconds(act: Callable[[str], object], text: str) -> float:
    """The time it takes, the least of some rounds where it takes little."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act(text)
        found.append(time.perf_counter() - began)
        if found[0] > 1:
            break
    return min(found)
