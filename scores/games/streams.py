"""Streams: how fast a chart makes its players run without a rest."""

from functools import lru_cache
from itertools import chain
from math import inf

#: 32 measures of sixteenths.
LENGTH = 32 * 16


@lru_cache(maxsize=512)
def fastest_stream(speeds: tuple[float, ...], notes: tuple[int, ...]) -> float:
    """The notes per second of the fastest stream of 512 notes, 0 where there is none.

    Takes the notes per second and the notes of each measure. A stream has two measures
    or more, no measure without notes but perhaps the first, and is as fast as its
    slowest one. Many plays ask about one chart: that is why it remembers.
    """
    fastest = before = 0
    running: list[tuple[float, int, int]] = []  # a speed, since when, notes before that
    for at, (speed, count) in enumerate(chain(zip(speeds, notes), [(-inf, 0)])):
        since, held = at, before
        while running and (running[-1][0] >= speed or not count):
            slowest, since, held = running.pop()
            if before - held >= LENGTH and at - since > 1:
                fastest = max(fastest, slowest)
        running.append((speed, since, held) if count else (speed, at, before))
        before += count
    return fastest
