"""Management commands: called here, or run as the processes that they are on a site."""

import os
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parent.parent


def call(name, *args):
    """What the command printed; a CommandError is raised."""
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def failure(name, *args):
    """What the command printed, and the reason it gave for failing."""
    out = StringIO()
    try:
        call_command(name, *args, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    raise AssertionError(f"{name} did not fail: {out.getvalue()}")


@contextmanager
def interrupted(monkeypatch, place, name):
    """Somebody presses Ctrl-C when this function is called for the second time."""
    really_act, turns = getattr(place, name), iter([1, 2])

    def act(*args, **kwargs):
        if next(turns) == 2:
            raise KeyboardInterrupt
        return really_act(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, act)
        yield


def run(database_url, *args, answer="", **environment):
    """The finished process of `manage.py`."""
    process = subprocess.run(
        [sys.executable, "manage.py", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, **environment},
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in process.stderr, process.stderr
    return process
