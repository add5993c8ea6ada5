"""A real cluster, as `manage.py qcluster` runs it, in whose imports things happen.

The user agent of an import says what: `sleep 2`, `raise`, `die`, or nothing. It happens
where the import is read; that it was begun is noted in the file JOURNAL.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from imports import pipeline  # noqa: E402

really_read = pipeline.read


def read(import_, report):
    with Path(os.environ["JOURNAL"]).open("a") as journal:
        journal.write(f"{import_.pk}\n")
    match import_.user_agent.split():
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["raise"]:
            raise RuntimeError("A fault was planted here.")
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
    return really_read(import_, report)


pipeline.read = read
call_command("qcluster", *sys.argv[1:])
