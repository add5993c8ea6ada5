"""Clients that begin a request and do not end it, as many as one likes."""

import threading
from contextlib import ExitStack, contextmanager

from tests.web.servers import connected, head

BODY = 100_000  # bytes that are announced, of which not all are sent
DRIP = 0.2  # seconds between two bytes of those who send slowly
JSON = head(
    "POST",
    "/ir/direct-manual/import",
    Content_Type="application/json",
    Content_Length=BODY,
)
UPLOAD = head(
    "POST",
    "/api/v1/import/file",
    Content_Type="multipart/form-data; boundary=edge",
    Content_Length=BODY,
)
FILE = (
    b'--edge\r\nContent-Disposition: form-data; name="scoreData"; filename="x"\r\n\r\n'
)
#: What each sends at once, and what it sends again and again after that.
KINDS = {
    "connects and is silent": (b"", b""),
    "slow headers": (
        b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n",
        b"X: 1\r\n",
    ),
    "slow body": (JSON + b'{"', b"x"),
    "half an upload": (UPLOAD + FILE + b"x" * (BODY // 2), b""),
}


@contextmanager
def slow_clients(port, kind, count):
    """So many of them hang on to the server until the block ends."""
    at_once, slowly = KINDS[kind]
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(count)]
        for client in clients:
            client.sendall(at_once)
        ended = threading.Event()
        dripping = threading.Thread(target=drip, args=(clients, slowly, ended))
        dripping.start()
        try:
            yield clients
        finally:
            ended.set()
            dripping.join()


def drip(clients, data, ended):
    while not ended.wait(DRIP):
        for client in clients:
            try:
                client.send(data)
            except OSError:
                return  # the server has had enough
