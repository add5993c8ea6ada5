"""A real cluster, as `manage.py qcluster` runs it, in whose imports things happen.

The user agent of an import says what: nothing, `raise`, `die`, `work 0.1` (seconds),
`hold` (until there is a file RELEASE) or `stall` (in a regular expression that does not
end), where it is read; or `halt SQL`, where it is written: in the first attempt, stop
for good before a statement that contains that.
The file JOURNAL gets a line for every read, "PK by PID", and every halt, "PK halted".
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from django.db import connection  # noqa: E402

from imports import pipeline  # noqa: E402
from imports.queue import supervisor  # noqa: E402

supervisor.NICENESS = 0  # as other tests run beside it, it would come last

really_read, really_write = pipeline.read, pipeline.write


def note(line):
    with Path(os.environ["JOURNAL"]).open("a") as journal:
        journal.write(f"{line}\n")


def read(import_, report):
    note(f"{import_.pk} by {os.getpid()}")
    match import_.user_agent.split():
        case ["work", seconds]:
            time.sleep(float(seconds))
        case ["hold"]:
            while not Path(os.environ["RELEASE"]).exists():
                time.sleep(0.02)
        case ["stall"]:
            re.fullmatch("(1*)*", 50 * "1" + "x")
        case ["raise"]:
            raise RuntimeError("A fault was planted here.")
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
    return really_read(import_, report)


def write(import_, read_import):
    what, _, fragment = import_.user_agent.partition(" ")

    def execute_or_halt(execute, sql, params, many, context):
        if what == "halt" and fragment in sql and import_.lease_number == 1:
            note(f"{import_.pk} halted")
            while True:
                signal.pause()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(execute_or_halt):
        really_write(import_, read_import)


pipeline.read, pipeline.write = read, write
call_command("qcluster", *sys.argv[1:])
