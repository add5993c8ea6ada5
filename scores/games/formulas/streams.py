"""Streams: notes without a break, and how fast the fastest long one of a chart is."""

from collections.abc import Sequence

#: 32 measures of sixteenths.
LENGTH = 32 * 16


def fastest_stream(speeds: Sequence[float], notes: Sequence[float]) -> float:
    """The notes per second of the fastest stream of 512 notes, 0 where there is none.

    Takes the notes per second and the notes of each measure. A stream has two measures
    or more, no measure without notes but perhaps the first, and is as fast as its
    slowest one. So what is not faster than the best so far can only end a stream.
    """
    fastest: float = 0
    held: float = 0
    since = 0
    for at, speed in enumerate(speeds):
        if speed <= fastest:
            since, held = at + 1, 0
            continue
        if not notes[at]:
            since, held = at, 0
        held += notes[at]
        while held >= LENGTH and since < at:
            stream = speeds[since : at + 1]
            fastest = min(stream)
            since += stream.index(fastest) + 1
            held = sum(notes[since : at + 1])
    return fastest
