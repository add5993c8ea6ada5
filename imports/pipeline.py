"""The life of an import: accepted, read, written (docs/architecture.md)."""

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from imports import at_once, chart_queue, journal, once
from imports.formats.base import ImportRefused
from imports.models import UNFINISHED, Import
from imports.once import Sent, SentBefore, to_store
from imports.progress import Progress
from imports.queue import leases, stops, wake_ups
from imports.quotas import TooManyUnfinished, require_room
from imports.read import Report, read
from imports.rules.refusals import RefusedByRule, count, refusal_of
from imports.write import ChartsChanged, require_read_allowed, write
from scores.locks import Busy
from tachi.accounts.models import User

__all__ = ["Sent"]  # with `submit`, what views need

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "An internal error has occurred."
TRIES = 3  # to store what was sent, while its key is just being let go of
LEFT_OVER = 10  # imports that one request runs beside its own


class AccountGone(Exception):
    """The user was deleted meanwhile, and all imports with them."""

    status = 404
    text = "This account does not exist any more."


def submit(sent: Sent, *, here: bool = False) -> Import:
    """Accept what was sent, and run it here where IMPORT_INLINE says so.

    With `here` it is run here anyhow: a hook's answer tells the result. What is not run
    here is returned queued, otherwise as it ended. What was sent before is that import
    again, as it is by now (`imports.once`). Raises `imports.quotas.NoRoom`,
    `imports.once.KeyReused`, RefusedByRule, and AccountGone.
    """
    inline = here or settings.IMPORT_INLINE
    if inline and (done := at_once.run_at_once(sent)):
        return done
    try:
        try:
            import_ = accept(sent, inline=inline, within_quotas=True)
        except TooManyUnfinished:
            if not inline:
                raise
            run_left_over(sent.user)  # nobody else may ever make room
            import_ = accept(sent, inline=True, within_quotas=True)
    except SentBefore as before:
        if not inline or before.import_.state not in UNFINISHED:
            return before.import_
        run_left_over(sent.user)  # it may be one of those
        return refreshed(before.import_)
    if not inline:
        return import_
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


def accept(sent: Sent, *, inline: bool, within_quotas: bool = False) -> Import:
    """Store an import with its input, and wake a worker for it when its turn has come,
    in one transaction.

    With `inline` no worker is woken: the caller runs it, with `run_inline`. Raises
    AccountGone, RefusedByRule, `imports.once.SentBefore` and KeyReused and, where it
    has to be `within_quotas`, `imports.quotas.NoRoom`.
    """
    require_allowed(sent)
    import_ = _accept_once(sent, inline, within_quotas)
    journal.accepted(import_, len(sent.payload))
    return import_


def require_allowed(sent: Sent) -> None:
    """Raise RefusedByRule where a rule stops its source, and nothing is stored of it.

    What was sent before is no further import: raises `once.SentBefore` and KeyReused.
    """
    if refused := refusal_of(sent):
        once.refuse_what_was_sent(sent)
        count(refused)
        raise refused


def _accept_once(sent: Sent, inline: bool, within_quotas: bool) -> Import:
    for _ in range(TRIES - 1):
        try:
            return _accept(sent, inline, within_quotas)
        except IntegrityError:
            if not User.objects.filter(pk=sent.user.pk).exists():
                raise AccountGone from None
            once.refuse_what_was_sent(sent)  # or its key is free by now
    return _accept(sent, inline, within_quotas)


def _accept(sent: Sent, inline: bool, within_quotas: bool) -> Import:
    import_, stored = to_store(sent, counted=within_quotas)
    with transaction.atomic():
        if within_quotas:
            require_room(import_, stored.size)
            if not sent.key:
                once.join_unfinished(sent, import_)
        if sent.decide:
            stored.parameters = sent.parameters | sent.decide()
        import_.save()
        stored.save(force_insert=True)
        if not inline:
            wake_ups.wake_in_turn(import_)
    return import_


def run(import_: Import, report: Report | None = None) -> None:
    """Run an import that was taken (`imports.queue.leases`) to its end.

    Bad input fails the import, with a status and a text, and so does a rule that stops
    its source. A bug fails it too, with its traceback for operators, and is raised
    again. When the database is gone, or busy for too long, that is raised again and
    the import is given back for another attempt.
    Raises `leases.Superseded` when it is not this worker's any more: another has taken
    it, or it was cancelled, or its user deleted. What its user's ban or its token's end
    stops is cancelled.
    """
    with journal.run_of(import_) as this:
        _run(import_, report or Progress(import_), this)


def _run(import_: Import, report: Report, this: journal.Run) -> None:
    try:
        with leases.keep_renewing(import_), without_garbage_collection():
            _read_and_write(import_, report)
        this.outcome = "completed"
    except (ImportRefused, RefusedByRule) as refused:
        _refuse(import_, refused)
        this.outcome = "refused"
    except stops.Stopped as stopped:
        stops.stop(leases.own(import_), import_, stopped.why)
        this.outcome = "cancelled"
    except leases.Superseded:
        this.outcome = "superseded"
        raise
    except (Busy, OperationalError, InterfaceError):
        leases.give_back(import_)
        raise
    except Exception as error:
        if not leases.fail(import_, 500, INTERNAL_ERROR, traceback.format_exc()):
            this.outcome = "superseded"
            # What was sent is gone with a deleted user, for example.
            raise leases.Superseded(import_.import_id) from error
        this.outcome = "failed"
        raise


def _refuse(import_: Import, refused: ImportRefused | RefusedByRule) -> None:
    if isinstance(refused, RefusedByRule):
        leases.refuse(import_, refused)
    else:
        problems = refused.problems
        leases.fail(import_, refused.status, refused.text, problems=problems)


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
    if read_import.told_of:
        require_read_allowed(import_, read_import)  # it may make charts
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
    return refreshed(import_)


def refreshed(import_: Import) -> Import:
    """The import as it is by now. Raises AccountGone."""
    try:
        import_.refresh_from_db()
    except Import.DoesNotExist:
        raise AccountGone from None
    return import_
