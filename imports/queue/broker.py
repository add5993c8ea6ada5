"""django-q2's database broker, which sweeps as it goes and survives a database's nap.

django-q2 looks at its schedules every 30 seconds at best: too slow to take over an
import whose worker died. The broker is asked for work all the time.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, connection
from django_q.brokers.orm import ORM

from imports.queue.sweep import sweep

logger = logging.getLogger(__name__)

SWEEP_EVERY = 1  # seconds; also the pause after the database could not be reached
AWAKE = 0.5  # seconds after a bell, in which the next is likely: one import rings for
DOZE = 0.04  # the next. Later, this is slept between two looks, beside Q_CLUSTER's poll


class SweepingBroker(ORM):
    swept = heard = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next bells that ring, as (id, payload); None after a short sleep."""
        try:
            self.sweep_if_due()
            bells = super().dequeue()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The queue cannot be read, trying again: %s", error)
            connection.close()
            time.sleep(SWEEP_EVERY)
            return None
        if bells:
            self.heard = time.monotonic()
        elif time.monotonic() - self.heard > AWAKE:
            time.sleep(DOZE)
        return bells

    def sweep_if_due(self) -> None:
        now = time.monotonic()
        if now - self.swept >= SWEEP_EVERY:
            self.swept = now
            sweep()
