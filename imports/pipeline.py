"""The life of an import: accepted, read, written (docs/architecture.md)."""

import gc
import logging
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from imports import chart_queue
from imports.formats.base import ImportRefused
from imports.models import Import, ImportInput
from imports.progress import Progress
from imports.queue import leases, stops, wake_ups
from imports.quotas import TooManyUnfinished, require_room
from imports.read import Report, read
from imports.write import ChartsChanged, write
from scores.locks import Busy
from tachi.accounts.models import ApiToken, User

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "An internal error has occurred."
LEFT_OVER = 10  # imports that one request runs beside its own


class AccountGone(Exception):
    """The user was deleted meanwhile, and all imports with them."""

    status = 404
    text = "This account does not exist any more."


@dataclass(frozen=True)
class Sent:
    """What a user sent for import.

    `payload`, `filename` and `parameters` are for the format's parser, the rest is
    stored with the import.
    """

    user: User
    import_type: str
    payload: bytes
    filename: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    user_intent: bool = False
    token: ApiToken | None = None
    user_agent: str = ""


def submit(sent: Sent, *, here: bool = False) -> Import:
    """Accept what was sent, and run it here where IMPORT_INLINE says so.

    With `here` it is run here anyhow: a hook's answer tells the result. What is not run
    here is returned queued, otherwise as it ended. Raises
    `imports.quotas.TooManyUnfinished`, and AccountGone.
    """
    if not (here or settings.IMPORT_INLINE):
        require_room(sent.user, sent.import_type)
        return accept(sent, inline=False)
    try:
        require_room(sent.user, sent.import_type)
    except TooManyUnfinished:
        run_left_over(sent.user)  # nobody else may ever make room
        require_room(sent.user, sent.import_type)
    import_ = accept(sent, inline=True)
    run_left_over(sent.user, before=import_)
    return run_inline(import_)


def run_left_over(user: User, before: Import | None = None) -> None:
    """Run a user's imports that nobody works on, although it is time.

    The process that ran them in a request was killed, or the database had trouble; and
    where imports run in requests there may be no worker, and no sweep.
    """
    unfinished = Import.objects.unfinished().filter(user=user)
    if before is not None:
        unfinished = unfinished.filter(pk__lt=before.pk)
    overdue = unfinished.overdue(wake_ups.WAKE_AGAIN_AFTER).order_by("pk")
    for import_ in overdue[:LEFT_OVER]:
        run_inline(import_)


def accept(sent: Sent, *, inline: bool) -> Import:
    """Store an import with its input, and wake a worker for it when its turn has come,
    in one transaction.

    With `inline` no worker is woken: the caller runs it, with `run_inline`. Raises
    AccountGone.
    """
    try:
        return _accept(sent, inline=inline)
    except IntegrityError:
        if User.objects.filter(pk=sent.user.pk).exists():
            raise
        raise AccountGone from None


def _accept(sent: Sent, *, inline: bool) -> Import:
    with transaction.atomic():
        import_ = Import.objects.create(
            user=sent.user,
            import_type=sent.import_type,
            user_intent=sent.user_intent,
            token=sent.token,
            user_agent=sent.user_agent[:200].replace("\0", ""),
        )
        ImportInput.objects.create(
            of_import=import_,
            payload=zlib.compress(sent.payload, level=1),
            filename=sent.filename[:255].replace("\0", ""),
            parameters=sent.parameters,
        )
        if not inline:
            wake_ups.wake_in_turn(import_)
    return import_


def run(import_: Import, report: Report | None = None) -> None:
    """Run an import that was taken (`imports.queue.leases`) to its end.

    Bad input fails the import, with a status and a text. A bug fails it too, with its
    traceback for operators, and is raised again. When the database is gone, or busy for
    too long, that is raised again and the import is given back for another attempt.
    Raises `leases.Superseded` when it is not this worker's any more: another has taken
    it, or it was cancelled, or its user deleted. What its user's ban or its token's end
    stops is cancelled.
    """
    try:
        with leases.keep_renewing(import_), without_garbage_collection():
            _read_and_write(import_, report or Progress(import_))
    except ImportRefused as refusal:
        leases.fail(import_, refusal.status, refusal.text)
    except stops.Stopped as stopped:
        stops.stop(leases.own(import_), import_, stopped.why)
    except leases.Superseded:
        raise
    except (Busy, OperationalError, InterfaceError):
        leases.give_back(import_)
        raise
    except Exception as error:
        if not leases.fail(import_, 500, INTERNAL_ERROR, traceback.format_exc()):
            # What was sent is gone with a deleted user, for example.
            raise leases.Superseded(import_.import_id) from error
        raise


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Pause the garbage collector.

    An import creates hundreds of thousands of objects without any cycle; examining them
    again and again took a quarter of its time (docs/performance.md).
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _read_and_write(import_: Import, report: Report) -> None:
    read_import = read(import_, report)
    if chart_queue.join(import_.user_id, read_import.told_of):
        read_import = read(import_, report)  # with the charts that were made
    while True:
        report("writing", f"Saving {len(read_import.scores)} scores.")
        try:
            write(import_, read_import)
            return
        except ChartsChanged:
            # Seeds were loaded since it was read; under the lock they cannot be.
            logger.info("Charts changed under import %s: read again.", import_)
            read_import = read(import_, report)


def run_inline(import_: Import, report: Report | None = None) -> Import:
    """Run an accepted import here and now; returns it as it ended.

    It is still queued when the player's other changes took too long, or the database
    had trouble: then a worker runs it later, and nothing of it is lost. Raises
    AccountGone.
    """
    taken = leases.take_now(import_.pk)
    if taken is not None:
        try:
            run(taken, report)
        except (Busy, OperationalError, InterfaceError) as error:
            logger.warning("Import %s is left to a worker. %s", import_, error)
        except leases.Superseded:
            logger.info("Import %s was ended by somebody else.", import_)
        except Exception:
            logger.exception("Import %s failed.", import_)
            # There may be no worker that would try it again.
            leases.fail(taken, 500, INTERNAL_ERROR, traceback.format_exc())
    try:
        import_.refresh_from_db()
    except Import.DoesNotExist:
        raise AccountGone from None
    return import_
