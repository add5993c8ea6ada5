"""Asking for one address as fast as the server answers, on kept connections."""

import selectors
import time
from dataclasses import dataclass

from tests.web.servers import connected, head


@dataclass(frozen=True)
class Load:
    per_second: float
    p99: float  # seconds
    longest: float  # seconds, those who still wait included
    errors: int  # answers of another status, and connections that were lost


class Asking:
    """One connection that has asked and waits for its answer."""

    def __init__(self, port, request):
        self.port, self.request = port, request
        self.open()

    def open(self):
        self.socket = connected(self.port)
        self.ask()

    def ask(self):
        self.got, self.asked = b"", time.perf_counter()
        self.socket.sendall(self.request)

    def read(self):
        """Whether the answer is complete; None when the connection is closed."""
        data = self.socket.recv(65536)
        if not data:
            return None
        self.got += data
        header, ended, body = self.got.partition(b"\r\n\r\n")
        if not ended:
            return False
        length = header.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        return len(body) >= int(length or 0)

    def is_to_close(self):
        return b"\r\nconnection: close" in self.got.lower()


def load(port, path, connections=8, seconds=3.0, *, status=200, **headers):
    """What so many clients see who ask again as soon as they are answered."""
    request, right = head("GET", path, **headers), f"HTTP/1.1 {status}".encode()
    asking = [Asking(port, request) for _ in range(connections)]
    took, errors, began = [], 0, time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for each in asking:
            selector.register(each.socket, selectors.EVENT_READ, each)
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(0.1):
                each = key.data
                complete = each.read()
                if complete:
                    errors += not each.got.startswith(right)
                    took.append(time.perf_counter() - each.asked)
                if complete is None or (complete and each.is_to_close()):
                    errors += complete is None
                    selector.unregister(each.socket)
                    each.socket.close()
                    each.open()
                    selector.register(each.socket, selectors.EVENT_READ, each)
                elif complete:
                    each.ask()
    now = time.perf_counter()
    waiting = [now - each.asked for each in asking]
    for each in asking:
        each.socket.close()
    in_order = sorted(took) or [seconds]
    return Load(
        per_second=len(took) / (now - began),
        p99=in_order[int(len(in_order) * 0.99)],
        longest=max(in_order + waiting),
        errors=errors,
    )
