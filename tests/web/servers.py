"""Real web servers, and raw HTTP to speak to them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

from tests.commands import ROOT

PATIENCE = 30  # seconds
OURS = ("-c", "python:tachi.gunicorn")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def gunicorn(database_url, *options, application="tachi.wsgi", **environment):
    """Gunicorn as we configure it, or with other `options`; yields its process.

    The process has the `port` it listens on.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", *(options or OURS), application]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    environment = {"RATE_LIMITS": "off", "LOG_LEVEL": "CRITICAL", **environment}
    with running(command, database_url, **environment) as process:
        process.port = port
        wait_for(port)
        yield process


@contextmanager
def running(command, database_url, **environment):
    """A process with all that it starts, which ends with the block."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, **environment},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(port):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            get(port, "/api/v1/status")
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"Nobody listens on port {port}.")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    content: bytes

    def json(self):
        return json.loads(self.content)


def get(port, path, timeout=PATIENCE, **headers):
    with connected(port, timeout) as client:
        client.sendall(head("GET", path, **headers))
        return answer(client)


def post(port, path, body, timeout=PATIENCE, **headers):
    with connected(port, timeout) as client:
        client.sendall(head("POST", path, Content_Length=len(body), **headers) + body)
        return answer(client)


def connected(port, timeout=PATIENCE):
    return socket.create_connection(("127.0.0.1", port), timeout)


def head(method, path, **headers):
    """A request without its body; `Content_Type=` is the header Content-Type."""
    said = {"Host": "localhost", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in said.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def answer(client, *, of_head=False):
    """The next answer on a connection."""
    file = client.makefile("rb")
    status = int(file.readline().split()[1])
    lines = [line.decode() for line in iter(file.readline, b"\r\n")]
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
    length = 0 if of_head else int(headers.get("content-length", 0))
    return Answer(status, headers, file.read(length))


def form(file, import_type="file/batch-manual"):
    """The body of an upload and its content type."""
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="importType"\r\n\r\n'
        + import_type.encode()
        + b'\r\n--edge\r\nContent-Disposition: form-data; name="scoreData";'
        + b' filename="scores.json"\r\n\r\n'
        + file
        + b"\r\n--edge--\r\n"
    )
    return body, "multipart/form-data; boundary=edge"


def as_bytes(value):
    """JSON."""
    return json.dumps(value).encode()
