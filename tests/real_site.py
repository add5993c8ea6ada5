"""A site as `make run` starts it, with the sample in it, for tests from outside."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from tests.demo import PATIENCE, SAMPLE, Site, expect, free_port, poll, wait_for

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def real_site(**environment):
    """Gunicorn, a worker and an empty database with the sample's songs.

    Gives (site, log): the API with an administrator's token, and the output's file.
    """
    with tempfile.TemporaryDirectory() as directory:
        port, log = free_port(), Path(directory) / "log"
        settings = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{directory}/site.sqlite3",
            "RATE_LIMITS": "off",
            **environment,
        }
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-u", "manage.py", "run", "--port", str(port)],
                cwd=ROOT,
                env=settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            site = Site(f"http://127.0.0.1:{port}", token_in(log))
            wait_for(site)
            yield site, log
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE)


def token_in(log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = re.search(r"^Token: +(\w+)$", log.read_text(), re.MULTILINE)
        if found:
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def import_sample(site):
    """Send the sample's scores and wait for them; the import's document."""
    status, answer = site.upload(SAMPLE)
    expect("the answer to the upload", status, 202)
    return poll(site, answer["body"]["url"])
