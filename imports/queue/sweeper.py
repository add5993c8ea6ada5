"""Sweeping, every second, for as long as a cluster runs."""

import logging
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from imports.queue import leases
from imports.queue.presence import Presence
from imports.queue.sweep import sweep
from tachi.jobs import leases as job_leases
from tachi.jobs.heartbeat import RENEWALS_A_LEASE

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1  # from one sweep to the next, or from an error to the next attempt


class Sweeper:
    """Sweeps in a thread of its own: the broker, which asks for tasks, waits while all
    workers are busy, and django-q2 looks at its schedules every 30 seconds at best.
    """

    def __init__(self, presence: Presence | None = None) -> None:
        self.presence = presence
        self.answered = time.monotonic()

    def run(self) -> None:
        """Never returns, whatever the database does."""
        while True:
            self.tell()
            self.sweep()
            time.sleep(SWEEP_SECONDS)

    def tell(self) -> None:
        """Give a sign of life; raises nothing."""
        try:
            if self.presence is not None:
                self.presence.beat()
        except Exception as error:
            logger.warning("No sign of life can be given: %s", error)
            connection.close()

    def sweep(self) -> None:
        """Sweep once; raises nothing.

        When the database, or somebody's lock, has kept the answer back for longer than
        it takes to renew a lease, workers have waited with their renewals as well:
        nobody counts as dead for it.
        """
        try:
            self.extend_what_lapsed_meanwhile()
            sweep()
            self.extend_what_lapsed_meanwhile()
            self.answered = time.monotonic()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The sweep is tried again: %s", error)
            connection.close()
        except Exception:
            logger.exception("The sweep failed, and is tried again.")

    def extend_what_lapsed_meanwhile(self) -> None:
        waited = time.monotonic() - self.answered - SWEEP_SECONDS
        if waited > settings.IMPORT_LEASE_SECONDS / RENEWALS_A_LEASE:
            leases.extend_lapsed()
            job_leases.extend_lapsed()
