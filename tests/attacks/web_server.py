"""A real web server, as a site runs it: gunicorn with several processes."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

from tests.imports.queue.clusters import wait_until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds


class Answer(NamedTuple):
    """`seconds` is how long it took; `json` is None for a body that is none."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any
    seconds: float


class WebServer:
    """`gunicorn tachi.wsgi` on a port of its own, with a repository's own settings."""

    def __init__(self, folder: Path, database_url: str, workers: int = 4, **settings):
        self.port = free_port()
        self.log_file = folder / "web.log"
        given = {"DATABASE_URL": database_url, "RATE_LIMITS": "off", **settings}
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "tachi.wsgi"),
                    *(f"--workers={workers}", f"--bind=127.0.0.1:{self.port}"),
                ],
                cwd=ROOT,
                env={**os.environ, **{name: str(given[name]) for name in given}},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self.is_up, PATIENCE), self.log

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def is_up(self) -> bool:
        try:
            return self.ask("GET", "/api/v1/status").status > 0
        except OSError:
            return False

    def ask(self, method, path, body=None, token="", headers=None) -> Answer:
        """One request on a connection of its own; `body` is an object, or bytes."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                status, told, text = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, told, text = error.code, error.headers, error.read()
        took = time.perf_counter() - began
        text = text.decode()
        return Answer(status, dict(told), text, parsed(text), took)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
