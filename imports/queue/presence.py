"""Workers' signs of life, for those who cannot see them: web processes and commands.

A cluster writes one row of its own, every few seconds, with one statement. Nothing
waits for that, and nothing depends on it but what operators are told.
"""

import logging
import socket
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from imports.models import Worker

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5
FORGOTTEN_AFTER = timedelta(minutes=10)  # without a sign of life, for others to see
FAREWELL_SECONDS = 2  # for a database that is about to end as well


class Presence:
    """What a cluster tells of itself; `pid` is its supervisor's."""

    def __init__(self, pid: int) -> None:
        self.name = f"{socket.gethostname()[:150]}:{pid}"
        self.is_known = False
        self.said = float("-inf")

    def beat(self) -> None:
        """Say that the cluster is there, unless that was said just now.

        Raises the database's errors; the next call tries again after a while.
        """
        now = time.monotonic()
        if now - self.said < BEAT_SECONDS:
            return
        self.said = now
        if self.is_known and self._row().update(last_seen=Now()):
            return
        worker = Worker(
            name=self.name, processes=settings.Q_CLUSTER["workers"], last_seen=Now()
        )
        # A number of a process comes again: in a container each has the same.
        Worker.objects.bulk_create(
            [worker],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["processes", "since", "last_seen"],
        )
        self.is_known = True
        dead = Worker.objects.filter(last_seen__lt=Now() - FORGOTTEN_AFTER)
        dead.delete()

    def leave(self) -> None:
        """Take the row along, at the end. Raises nothing, does not wait for long."""
        farewell = threading.Thread(target=self._leave, daemon=True)
        farewell.start()
        farewell.join(FAREWELL_SECONDS)

    def _leave(self) -> None:
        try:
            self._row().delete()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The end of the worker could not be told: %s", error)
        finally:
            connection.close()

    def _row(self) -> QuerySet[Worker]:
        return Worker.objects.filter(name=self.name)
