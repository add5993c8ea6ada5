"""The queue's broker: looks for overdue imports and waits for an absent database.

It is django-q2's ORM broker. A cluster asks its broker for tasks all the time, while it
looks at its schedules every 30 seconds at best: too rarely to take over the import of a
worker that died.
"""

import logging
import time

from django.conf import settings
from django.core.signing import BadSignature
from django.db import InterfaceError, OperationalError, connection
from django_q.brokers.orm import ORM
from django_q.signing import SignedPackage

from imports.queue import leases
from imports.queue.sweep import sweep
from tachi.jobs import leases as job_leases

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1  # between two sweeps; and from a database error to the next attempt
BUSY_SECONDS = 0.5  # after a task in which another is likely: an import wakes the next
GAP_SECONDS = 10  # without a sweep: then the database was away, from workers as well
IDLE_PAUSE = 0.04  # seconds between two polls after that, on top of Q_CLUSTER's `poll`


class SweepingBroker(ORM):
    last_sweep = last_task = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next tasks, as (id, payload); None, after a pause, when there are none.

        Raises nothing for a database that cannot be reached: the cluster would end.
        """
        try:
            self.sweep_if_due()
            tasks = super().dequeue()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The queue cannot be read, trying again: %s", error)
            connection.close()
            time.sleep(SWEEP_SECONDS)
            return None
        tasks = [task for task in tasks or () if self.is_ours(*task)]
        if tasks:
            self.last_task = time.monotonic()
        elif time.monotonic() - self.last_task > BUSY_SECONDS:
            time.sleep(IDLE_PAUSE)
        return tasks

    def is_ours(self, task_id: int, payload: str) -> bool:
        """Whether a task runs a function of ours; if not, it is logged and dropped.

        A task names its function by its path: whoever may write into the queue, or
        schedule a task, could have the worker run any command.
        """
        try:
            task = SignedPackage.loads(payload)
        except BadSignature:
            task = {"func": "what nobody signed"}
        functions = {task["func"], task.get("hook") or task["func"]}
        if functions <= settings.CLUSTER_TASKS:
            return True
        logger.error("A task that runs %s is not ours, and was dropped.", functions)
        self.acknowledge(task_id)
        return False

    def sweep_if_due(self) -> None:
        now = time.monotonic()
        if now - self.last_sweep < SWEEP_SECONDS:
            return
        if self.last_sweep and now - self.last_sweep > GAP_SECONDS:
            leases.extend_lapsed()
            job_leases.extend_lapsed()
        sweep()
        self.last_sweep = now
