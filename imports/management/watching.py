"""A batch while it runs, as a command shows it.

A progress bar on a terminal, plain lines elsewhere, all on stderr; and a line of the
log for each import.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.utils import timezone
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from imports.batches.busy import Patience
from imports.models import BatchImport, RevertBatch
from imports.queue.status import SEEN_WITHIN_SECONDS, database_time, workers_seen
from tachi.admin.formatting import count_of, in_one_line

logger = logging.getLogger(__name__)

PLAIN_SECONDS = 10  # between two plain lines
WARN_SECONDS = 60  # between two warnings that nobody works on it
NO_WORKER = (
    "No worker is alive, so nothing happens: start manage.py qcluster, or interrupt "
    "this and go on here with revert_imports --resume {}."
)


class Watch:
    """Shows how far a batch is, each time that it is told to look.

    With `verbosity` 0 it logs only.
    """

    def __init__(self, batch: RevertBatch, verbosity: int) -> None:
        self.batch = batch
        on_terminal = sys.stderr.isatty()
        self.plain = verbosity > 0 and not on_terminal
        self.bar = tqdm(
            total=batch.imports, unit="import", disable=not (verbosity and on_terminal)
        )
        self.began = self.told_at = time.monotonic()
        self.done_before: int | None = None
        self.seen: set[int] = set()
        self.last: datetime = timezone.now()
        self.warned_at = float("-inf")
        self.patience = Patience()

    def look(self, batch: RevertBatch) -> None:
        """Tell what is new of the batch."""
        for outcome in self._new_outcomes():
            self._tell(outcome)
        done = batch.outcomes.exclude(done_at=None).count()
        if self.done_before is None:
            self.done_before = done
            self.bar.initial = done
        self.bar.n = done
        self.bar.refresh()
        now = time.monotonic()
        if self.plain and now - self.told_at >= PLAIN_SECONDS:
            self.told_at = now
            sys.stderr.write(self._line(done, now) + "\n")

    def look_and_warn(self, batch: RevertBatch) -> None:
        """The same where workers do it; once a minute it is said that none is alive."""
        self.look(batch)
        self._warn_if_nobody_works()

    def look_and_give_up(self, batch: RevertBatch) -> None:
        """The same where it is done here: who stays busy is left alone in the end."""
        self.look(batch)
        self.patience.look(batch)

    def _warn_if_nobody_works(self) -> None:
        now = time.monotonic()
        if now - self.warned_at < WARN_SECONDS:
            return
        workers = workers_seen(database_time())
        if workers and workers[0]["lastSeenSeconds"] <= SEEN_WITHIN_SECONDS:
            return
        self.warned_at = now
        tqdm.write(NO_WORKER.format(self.batch), file=sys.stderr)

    def _new_outcomes(self) -> Iterator[BatchImport]:
        """Those that were stored since the last look; two may have the same moment."""
        done = self.batch.outcomes.filter(done_at__gte=self.last)
        for outcome in done.order_by("done_at", "position").select_related("player"):
            if outcome.pk not in self.seen:
                yield outcome
            if outcome.done_at and outcome.done_at > self.last:
                self.last, self.seen = outcome.done_at, set()
            self.seen.add(outcome.pk)

    def _tell(self, outcome: BatchImport) -> None:
        line = f"{outcome.import_id} of {outcome.player.name}: {outcome.state}"
        if outcome.why:
            line += f". {outcome.why}"
        elif outcome.state in ("reverted", "restored"):
            line += f", {count_of(outcome.scores, 'score')}"
        logger.info("Batch %s: import %s", self.batch, in_one_line(line))

    def _line(self, done: int, now: float) -> str:
        total = self.batch.imports
        here = done - (self.done_before or 0)
        rate = here / (now - self.began)
        line = f"{done:,} of {count_of(total, 'import')}, {rate:.1f} a second"
        return f"{line}, about {(total - done) / rate:,.0f} s left" if rate else line


@contextmanager
def watching(batch: RevertBatch, verbosity: int) -> Iterator[Watch]:
    """Show how far the batch is for the length of the block, and at its end."""
    watch = Watch(batch, verbosity)
    on_terminal = nullcontext() if watch.bar.disable else logging_redirect_tqdm()
    with watch.bar, on_terminal:
        try:
            yield watch
        finally:
            watch.look(batch)
