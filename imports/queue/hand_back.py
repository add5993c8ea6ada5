"""Handing back the imports of workers that were killed on purpose."""

import logging
import time
from collections.abc import Iterable

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from imports.models import Import, ImportQuerySet, State
from imports.queue import leases

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1  # until the database has noticed that the workers are gone
PAUSE_SECONDS = 0.05


def hand_back(taken: Iterable[tuple[int, int]]) -> None:
    """Queue imports again, to be tried at once; no attempt of them counts.

    `taken` are primary keys and the lease numbers that the workers had. What cannot be
    handed back, because the database is away or works on it still, counts: its lease
    runs out. Raises nothing.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    left = [leases.own(Import(pk=pk, lease_number=number)) for pk, number in taken]
    try:
        while left := [rows for rows in left if not _queue_again(rows)]:
            if time.monotonic() > until:
                logger.warning("%d imports could not be handed back.", len(left))
                return
            time.sleep(PAUSE_SECONDS)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        logger.warning("Imports could not be handed back: %s", error)


def _queue_again(rows: ImportQuerySet) -> bool:
    """Whether that is done, or not needed; False while another holds the row's lock."""
    with transaction.atomic():
        if rows.select_for_update(skip_locked=True, no_key=True).first():
            rows.update(
                state=State.QUEUED,
                lease_until=None,
                wake_again_at=Now(),
                waiting_since=Now(),
            )
            return True
    return not rows.exists()
