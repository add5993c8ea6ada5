"""The queue's broker: hands out our own tasks only, and waits for an absent database.

It is django-q2's ORM broker, which a cluster asks for tasks all the time.
"""

import logging
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from imports.queue.signs import Kind, tell

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1  # from a database error to the next attempt
BUSY_SECONDS = 0.5  # after a task in which another is likely: an import wakes the next
IDLE_PAUSE = 0.04  # seconds between two polls after that, on top of Q_CLUSTER's `poll`


class OwnTasksBroker(ORM):
    last_task = 0.0

    @staticmethod
    def get_connection(list_key: str | None = None) -> QuerySet[OrmQ]:
        """The queue: who came first is served first."""
        return ORM.get_connection(list_key).order_by("pk")

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next tasks, as (id, payload); None, after a pause, when there are none.

        Raises nothing for a database that cannot be reached: the cluster would end.
        """
        try:
            # A wake-up that is lost from here on is sent again by the sweep, so nobody
            # has to acknowledge it later, who may be dead by then.
            tasks = super().dequeue()
            for task_id, _ in tasks or ():
                self.acknowledge(task_id)
        except (OperationalError, InterfaceError) as error:
            logger.warning("The queue cannot be read, trying again: %s", error)
            connection.close()
            time.sleep(RETRY_SECONDS)
            return None
        tasks = [task for task in tasks or () if self.is_ours(*task)]
        for task_id, _ in tasks:
            tell(Kind.HANDED_OUT, task_id)
        if tasks:
            self.last_task = time.monotonic()
        elif time.monotonic() - self.last_task > BUSY_SECONDS:
            time.sleep(IDLE_PAUSE)
        return tasks

    def is_ours(self, task_id: int, payload: str) -> bool:
        """Whether a task runs a function of ours; if not, it is logged and dropped.

        A task names its function by its path, and one more, its hook, that gets the
        result: whoever may write into the queue, or schedule a task, could have the
        worker run any command.
        """
        try:
            task = SignedPackage.loads(payload)
        except Exception as error:  # not signed, or names what cannot be found
            task = {"func": f"what cannot be read ({error!r})"}
        function, hook = task.get("func"), task.get("hook")
        is_known = isinstance(function, str) and function in settings.CLUSTER_TASKS
        if is_known and not hook:
            return True
        named = f"{function!r} with the hook {hook!r}" if hook else repr(function)
        logger.error("A task that runs %s is not ours, and was dropped.", named)
        return False
