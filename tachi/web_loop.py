"""The loop of a web worker: what a turn costs follows from what happens in it.

waitress asks every open connection, before every turn, whether it wants to read or to
write. With a thousand connections, most of which are only kept, that is most of what a
short request costs. Here the answers are kept, and asked for again where something
happened: an event in the loop, or a thread that worked on the connection's request.
"""

import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from select import POLLIN, POLLOUT
from typing import Any

from waitress import wasyncore

ALL_SECONDS = 1.0  # after which all are asked: waitress closes silent ones from outside


class Loop(dict[int, Any]):
    """waitress' map, file descriptor → channel, and the loop over it."""

    def __init__(self) -> None:
        super().__init__()
        self.selector = selectors.DefaultSelector()
        self.changed: deque[int] = deque()  # whom to ask again; threads add to it
        self.at_work = threading.local()
        self.asked_all = 0.0

    def __setitem__(self, fileno: int, channel: Any) -> None:
        super().__setitem__(fileno, channel)
        self.changed.append(fileno)

    def __delitem__(self, fileno: int) -> None:
        super().__delitem__(fileno)
        self.want(fileno, 0)

    def turn(self, seconds: float) -> None:
        """Wait for events for at most that long, and handle them."""
        now = time.monotonic()
        if now - self.asked_all > ALL_SECONDS:
            self.asked_all = now
            self.changed.extend(self)
        while self.changed:
            self.ask(self.changed.popleft())
        for key, events in self.selector.select(seconds):
            channel = self.get(key.fd)
            if channel is not None:
                reading = POLLIN if events & selectors.EVENT_READ else 0
                writing = POLLOUT if events & selectors.EVENT_WRITE else 0
                wasyncore.readwrite(channel, reading | writing)
                self.changed.append(key.fd)

    def ask(self, fileno: int) -> None:
        """Ask a channel, if it is there still, what it waits for."""
        channel = self.get(fileno)
        if channel is None:
            return
        events = selectors.EVENT_READ if channel.readable() else 0
        if channel.writable() and not channel.accepting:
            events |= selectors.EVENT_WRITE
        self.want(fileno, events)

    def want(self, fileno: int, events: int) -> None:
        key = self.selector.get_map().get(fileno)
        if key is None:
            if events:
                self.selector.register(fileno, events)
        elif not events:
            self.selector.unregister(fileno)
        elif key.events != events:
            self.selector.modify(fileno, events)

    def waking(self, pull_trigger: Callable[[], None]) -> Callable[[], None]:
        """A server's `pull_trigger`, by which a thread at work ends the loop's wait.

        The channel it works on (`at_work.fileno`) is asked then.
        """

        def wake() -> None:
            fileno = getattr(self.at_work, "fileno", None)
            if fileno is not None:
                self.changed.append(fileno)
            pull_trigger()

        return wake
