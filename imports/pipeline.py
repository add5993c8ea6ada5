"""An import's life: accepted, read, written (docs/architecture.md has the picture)."""

import gc
import logging
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from imports.formats.base import ImportRefused
from imports.models import Import, ImportInput
from imports.progress import Progress
from imports.queue import leases, wake_ups
from imports.read import Report, read
from imports.write import ChartsChanged, write
from scores.locks import Busy
from tachi.accounts.models import ApiToken, User

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "An internal error has occurred."


@dataclass(frozen=True)
class Sent:
    """What somebody sent for import: the bytes, and what came with them.

    `parameters` is for the format's parser, the rest is kept for the record.
    """

    user: User
    import_type: str
    payload: bytes
    filename: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    user_intent: bool = False
    token: ApiToken | None = None
    user_agent: str = ""


def submit(sent: Sent) -> Import:
    """Accept what was sent, and run it here where IMPORT_INLINE says so.

    Without IMPORT_INLINE the import is returned queued, otherwise as it ended.
    """
    import_ = accept(sent, inline=settings.IMPORT_INLINE)
    return run_inline(import_) if settings.IMPORT_INLINE else import_


def accept(sent: Sent, *, inline: bool) -> Import:
    """Store an import with its input; a worker is woken for it in the same transaction.

    With `inline` no worker is woken: the caller runs it, with `run_inline`.
    """
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
            wake_ups.wake(import_)
    return import_


def run(import_: Import, report: Report | None = None) -> None:
    """Bring an import that was taken (`imports.queue.leases`) to its end.

    What is wrong with the input fails the import, with a status and a text; a fault of
    ours does too, with its traceback for operators, and is raised again. A database
    that is gone, or busy for too long, is nobody's fault: it is raised again, and the
    import is tried again. Raises `leases.Superseded` when another worker has it now.
    """
    try:
        with leases.keep_renewing(import_), collecting_no_garbage():
            _read_and_write(import_, report or Progress(import_))
    except ImportRefused as refusal:
        leases.fail(import_, refusal.status, refusal.text)
    except leases.Superseded:
        raise
    except (Busy, OperationalError, InterfaceError):
        leases.give_back(import_)
        raise
    except Exception:
        leases.fail(import_, 500, INTERNAL_ERROR, traceback.format_exc())
        raise


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """An import makes objects by the hundred thousand, and no cycles of them.

    Looking through them for garbage again and again took a quarter of its time.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _read_and_write(import_: Import, report: Report) -> None:
    while True:
        reading = read(import_, report)
        report("writing", f"Saving {len(reading.scores)} scores.")
        try:
            write(import_, reading)
            return
        except ChartsChanged:
            logger.info("Charts changed under import %s: read again.", import_)


def run_inline(import_: Import, report: Report | None = None) -> Import:
    """Run an accepted import here and now; returns it as it ended."""
    taken = leases.take_now(import_.pk)
    if taken is not None:
        try:
            run(taken, report)
        except Exception:
            logger.exception("Import %s failed.", import_)
            # Nobody may be there to try it again.
            leases.fail(taken, 500, INTERNAL_ERROR, traceback.format_exc())
    import_.refresh_from_db()
    return import_
