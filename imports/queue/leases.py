"""Leases: one worker at a time works on an import, and a dead one loses it.

A worker takes an import for IMPORT_LEASE_SECONDS under the next lease number and
renews the lease, as a heartbeat, while it works. A worker that dies stops renewing, and
another takes the import under the next number. A worker that was only slow finds that
the number is not its own any more, and writes nothing. Nothing has to be unlocked by
hand. All times are the database's: the clocks of two hosts may differ.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.transaction import TransactionManagementError

from imports.models import DailyIntake, Import, ImportInput, ImportQuerySet, State
from imports.queue import stops, wake_ups
from imports.queue.signs import Kind, tell
from imports.rules.refusals import RefusedByRule, count, refusal_of
from tachi.jobs.heartbeat import RETRY_SECONDS, lease_end, renewing

logger = logging.getLogger(__name__)

MAX_DELAY_SECONDS = 60  # until an import that the database cut off is tried again


#: 1 for a running import that is taken: the worker that had it died or stalled.
DIED = Case(When(state=State.RUNNING, then=1), default=0)


class Superseded(Exception):
    """The import is not this worker's any more: nothing of it may be written."""


def take(pk: int) -> Import | None:
    """Take an import whose turn it is, for a worker.

    None when another worker holds it, when it is done, and when an earlier import of
    its user is unfinished. One whose workers died IMPORT_ATTEMPTS times fails instead,
    or that a rule refuses; one whose user is banned, or whose token is revoked, is
    cancelled.
    """
    return _take(Import.objects.in_turn(), pk)


def take_now(pk: int) -> Import | None:
    """The same for a run in the foreground, which does not wait for its turn."""
    return _take(Import.objects.unfinished(), pk)


def _take(candidates: ImportQuerySet, pk: int) -> Import | None:
    with transaction.atomic():
        free = candidates.free().filter(pk=pk)
        # Several workers may have been woken for it; and whose row is locked, that one
        # is being worked on. Nobody waits here to find that it is not free.
        if not free.select_for_update(skip_locked=True, no_key=True).first():
            return None
        taken = free.filter(attempts__lt=Value(settings.IMPORT_ATTEMPTS) - DIED).update(
            state=State.RUNNING,
            attempts=F("attempts") + DIED,
            takeovers=F("takeovers") + DIED,
            lease_number=F("lease_number") + 1,
            lease_until=lease_end(),
            wake_again_at=None,
            started_at=Coalesce("started_at", Now()),
        )
        if not taken:
            count_dead_worker(free)
            give_up(free)
            return None
        import_ = Import.objects.select_related("user", "token").get(pk=pk)
        if why := stops.reason(import_.user, import_.token):
            stops.stop(own(import_), import_, why)
            return None
        if refused := refusal_of(import_):  # of those that were queued before the rule
            refuse(import_, refused)
            return None
    tell(Kind.TOOK, import_.pk, import_.lease_number)
    return import_


def count_dead_worker(imports: ImportQuerySet) -> None:
    """Count an attempt of those whose worker died or stalled, and queue them again."""
    imports.filter(state=State.RUNNING, lease_until__lt=Now()).update(
        state=State.QUEUED,
        attempts=F("attempts") + 1,
        takeovers=F("takeovers") + 1,
        lease_until=None,
        waiting_since=Now(),
    )


def give_up(imports: ImportQuerySet) -> None:
    """Fail those that no worker holds and whose workers died IMPORT_ATTEMPTS times."""
    hopeless = imports.free().out_of_attempts()
    for import_ in hopeless:
        logger.error("Import %s is given up: its workers died.", import_)
        _fail(
            # Another worker may have failed it since the SELECT: the WHERE decides.
            hopeless.filter(pk=import_.pk, lease_number=import_.lease_number),
            import_,
            error_status=500,
            error_text=f"The import was started {import_.attempts} times, was cut "
            "off each time, and was given up.",
            error_detail="Its worker died or did not renew its lease.",
        )


def renew(import_: Import) -> bool:
    """Extend this worker's lease; False when the import is not its own any more."""
    return bool(own(import_).update(lease_until=lease_end()))


def keep_renewing(import_: Import) -> AbstractContextManager[None]:
    """Renew the lease for as long as the block runs."""
    return renewing(lambda: renew(import_), f"import {import_}")


def fence(import_: Import) -> None:
    """Make sure, inside a transaction, that the import is still this worker's.

    The renewal locks the row, so until the transaction ends no other worker can take
    the import. Raises Superseded, and `stops.Stopped` when its user was banned since it
    was taken, or its token revoked.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A fence only holds inside a transaction.")
    if not renew(import_):
        raise Superseded(import_.import_id)
    stops.refuse_stopped(import_)


def fail(
    import_: Import,
    status: int,
    text: str,
    detail: str = "",
    problems: Sequence[Mapping[str, object]] | None = None,
) -> bool:
    """End it as failed and wake a worker for the user's next one.

    `status`, `text` and `problems` are what a poll gets, `detail` is for operators.
    What was sent is deleted with a status of 4xx: it would be refused again. False, and
    nothing changes, when the import is not this worker's any more.
    """
    return _fail(
        own(import_),
        import_,
        error_status=status,
        error_text=text,
        error_detail=detail,
        problems=problems,
    )


def refuse(import_: Import, refused: RefusedByRule) -> bool:
    """End it as failed, because a rule refuses it, and count that.

    What was sent is kept: it can be retried when the rule is lifted. So its key is
    free. False, as `fail`.
    """
    with transaction.atomic():
        failed = _fail(
            own(import_),
            import_,
            keep=True,
            error_status=refused.status,
            error_text=refused.text,
            error_detail=f"Rule {refused.rule_id} refuses it.",
            idempotency_key="",
        )
        if failed:
            count(refused)
    return failed


def _fail(
    rows: ImportQuerySet, import_: Import, *, keep: bool = False, **error: Any
) -> bool:
    with transaction.atomic():
        failed = rows.update(
            state=State.FAILED,
            finished_at=Now(),
            lease_until=None,
            wake_again_at=None,
            **error,
        )
        if failed:
            if int(error["error_status"]) < 500 and not keep:
                _drop_input(import_)
            wake_ups.wake_next(import_.user_id, after=import_.pk)
    return bool(failed)


def _drop_input(import_: Import) -> None:
    """Delete what was sent: it counts no more of what its user may send today."""
    stored = ImportInput.objects.filter(of_import=import_.pk)
    size = stored.values_list("size", flat=True).first()
    stored.delete()
    if size:
        day = import_.received_at.date()
        DailyIntake.objects.give_back(import_.user_id, day, size)


def give_back(import_: Import) -> bool:
    """Queue an import again that trouble of the database cut off; no attempt counts.

    It is tried again after a delay that grows with each time, up to a minute. False
    when the database does not answer, so that not even this can be written.
    """
    delay = min(2**import_.delays, MAX_DELAY_SECONDS)
    connection.close_if_unusable_or_obsolete()
    try:
        own(import_).update(
            state=State.QUEUED,
            lease_until=None,
            delays=F("delays") + 1,
            wake_again_at=Now() + timedelta(seconds=delay),
        )
    except (OperationalError, InterfaceError):
        connection.close()
        return False
    return True


def keep_giving_back(import_: Import) -> None:
    """The same, until the database answers, however long that takes.

    For a worker: without the database it has nothing else to do, and a lease that just
    runs out counts as an attempt.
    """
    while not give_back(import_):
        time.sleep(RETRY_SECONDS)


def extend_lapsed() -> None:
    """Give running imports another lease, after a time in which none was renewed."""
    lapsed = Import.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    with transaction.atomic():
        found = lapsed.select_for_update(skip_locked=True, no_key=True)
        pks = list(found.values_list("pk", flat=True))
        lapsed.filter(pk__in=pks).update(lease_until=lease_end())


def own(import_: Import) -> ImportQuerySet:
    """The import's row, while it is this worker's: the WHERE of all that it writes."""
    return Import.objects.filter(
        pk=import_.pk, lease_number=import_.lease_number, state=State.RUNNING
    )
