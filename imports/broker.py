"""django-q2's database broker, which sweeps as it goes and survives a database's nap.

django-q2 looks at its schedules every 30 seconds at best: too slow to take over an
import whose worker died. The broker is asked for work all the time.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, connection
from django_q.brokers.orm import ORM

from imports.tasks import sweep

logger = logging.getLogger(__name__)

SWEEP_EVERY = 1  # seconds; also the pause after the database could not be reached


class SweepingBroker(ORM):
    swept = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next bells that ring, as (id, payload); None after a short sleep."""
        try:
            self.sweep_if_due()
            return super().dequeue()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The queue cannot be read, trying again: %s", error)
            connection.close()
            time.sleep(SWEEP_EVERY)
            return None

    def sweep_if_due(self) -> None:
        now = time.monotonic()
        if now - self.swept >= SWEEP_EVERY:
            self.swept = now
            sweep()
