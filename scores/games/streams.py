"""Streams: how fast a chart lets a player run without a rest."""

from collections.abc import Sequence
from functools import lru_cache

#: Sixteen notes to a measure, for 32 measures.
LENGTH = 32 * 16


@lru_cache(maxsize=512)
def fastest_stream(speeds: Sequence[float], notes: Sequence[int]) -> float | None:
    """The speed of the fastest stream of 512 notes; None where there is none.

    `speeds` are the notes per second, and `notes` the notes, of each measure; tuples,
    for many plays of one chart ask the same. A stream is two measures or more, none of
    them without notes except the first, and is as fast as its slowest measure.
    """
    fastest, before = None, 0
    running: list[tuple[float, int, int]] = []  # speed, first measure, notes before it

    def stop(at: int, speed: float) -> tuple[int, int]:
        """End the streams that are not slower; where the slowest of them began."""
        nonlocal fastest
        began = at, before
        while running and running[-1][0] >= speed:
            slowest, *began = running.pop()
            long_enough = before - began[1] >= LENGTH and at - began[0] > 1
            if long_enough and (fastest is None or slowest > fastest):
                fastest = slowest
        return tuple(began)

    for at, (speed, count) in enumerate(zip(speeds, notes, strict=True)):
        if count == 0:
            stop(at, float("-inf"))
        running.append((speed, *stop(at, speed)))
        before += count
    stop(len(notes), float("-inf"))
    return fastest
