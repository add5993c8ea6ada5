"""`manage.py qcluster`: django-q2's cluster, under a supervisor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from imports.queue.supervisor import Supervisor
from imports.tasks import schedule_daily


class Command(BaseCommand):
    help = "Run the background workers until SIGTERM or SIGINT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stuck-seconds",
            type=float,
            default=10,
            help="replace the workers when imports wait that long beside free ones",
        )
        parser.add_argument(
            "--stop-seconds",
            type=float,
            default=25,
            help="how long running imports may take to finish after a signal",
        )

    def handle(
        self, *, stuck_seconds: float, stop_seconds: float, **options: Any
    ) -> None:
        schedule_daily()
        Supervisor(stuck_seconds=stuck_seconds, stop_seconds=stop_seconds).run()
