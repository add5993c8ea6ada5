"""How the queue is, for a person or, with --json, for a script."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from imports.queue.status import QueueStatus, queue_status
from tachi.database import trouble


class Command(BaseCommand):
    help = "Say how the queue of imports is; exit code 1 when something is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, json: bool, **options: Any) -> None:
        try:
            status = queue_status()
        except (DatabaseError, InterfaceError) as error:
            problem = trouble(error)
            if problem is None or not json:
                raise
            status = unknown(problem)
        self.stdout.write(as_json(status) if json else as_text(status))
        if not status["ok"]:
            raise CommandError(" ".join(status["problems"]))


def unknown(problem: str) -> QueueStatus:
    """What is told where nothing can be read."""
    return {
        "ok": False,
        "waiting": 0,
        "oldestSeconds": None,
        "running": [],
        "failedLastHour": 0,
        "workers": [],
        "problems": [problem],
    }


def as_json(status: QueueStatus) -> str:
    return json.dumps(status)


def as_text(status: QueueStatus) -> str:
    """A line for each thing, the problems last, where they are seen."""
    waiting = f"Waiting: {status['waiting']}"
    if status["oldestSeconds"] is not None:
        waiting += f", the first for {status['oldestSeconds']:g} seconds"
    lines = [waiting, f"Running: {len(status['running'])}"]
    for each in status["running"]:
        since = datetime.fromtimestamp(each["since"] / 1000, UTC)
        lines.append(
            f"  {each['importID']} of {each['user']}, {each['phase']}, "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC"
        )
    lines += [f"Failed in the last hour: {status['failedLastHour']}"]
    lines += [f"Workers: {len(status['workers'])}"]
    for worker in status["workers"]:
        seen = f"{worker['lastSeenSeconds']:g} seconds ago"
        lines.append(f"  {worker['name']}, seen {seen}")
    return "\n".join([*lines, "All is well." if status["ok"] else ""]).rstrip()
