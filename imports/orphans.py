"""Reprocessing orphans: rows of imports whose song or chart was not known.

An orphan belongs to its import. When its chart is known, it becomes a score of that
import, at that import's sequence, and a revert of the import removes it. It goes when
it has become a score, or a claim on one, or when its player has discarded that score.
Whatever else is found wrong with it may be a fault of the charts that day, so it stays,
with the reason.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from imports import claims
from imports.claims import Claim
from imports.models import Import, Orphan, State
from imports.orphan_rows import Row, read_again
from imports.reports import sequence_of
from imports.write import ChartsChanged, require_same_charts
from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.locks import Busy
from scores.models import Chart
from tachi.accounts.models import User
from tachi.api.times import milliseconds
from tachi.jobs import leases
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow

KIND = "orphans"
FOR_A_WORKER = 500  # orphans from which on they are work for a worker
CHUNK_SIZE = 500  # orphans that are in memory, and in one transaction, together
PATIENCE_SECONDS = 1  # of the job for the player's lock, before others have their turn
UNNEEDED = ("later_claims", "errors", "class_deltas", "error_detail")
#: How many orphans were processed; and, of those, success, failed and removed.
Outcome = Mapping[str, int]
Store = Callable[[Outcome], None]


class Reading(NamedTuple):
    """Orphans as they are read with the charts of these versions, by game."""

    rows: Sequence[Row]
    versions: Mapping[str, datetime | None]

    @property
    def scores(self) -> list[Row]:
        return [row for row in self.rows if row.score is not None]

    @property
    def told_otherwise(self) -> list[Row]:
        """Those with which something else is wrong than what they say."""
        return [
            row
            for row in self.rows
            if row.score is None and row.orphan.message != row.problem
        ]

    @property
    def changes_nothing(self) -> bool:
        """Then there is nothing to write, and no lock to wait for."""
        return not (self.scores or self.told_otherwise)


class Selection(NamedTuple):
    """A user's orphans that are still to be tried: up to a primary key, after one."""

    user_id: int
    after: int
    last: int
    import_: Import | None = None

    def orphans(self) -> QuerySet[Orphan]:
        found = Orphan.objects.filter(
            user=self.user_id,
            pk__gt=self.after,
            pk__lte=self.last,
            source_import__state=State.COMPLETED,
        )
        if self.import_ is not None:
            found = found.filter(source_import=self.import_)
        return found.order_by("pk")

    def chunk(self) -> list[Orphan]:
        importless = [f"source_import__{name}" for name in UNNEEDED]
        found = self.orphans().select_related("source_import").defer(*importless)
        return list(found[:CHUNK_SIZE])


def retry(user: User) -> Job | dict[str, int]:
    """Try a user's orphans again: a few at once, many by a job, which is returned.

    Otherwise as `reprocess`.
    """
    few = Orphan.objects.filter(user=user).values("pk")[:FOR_A_WORKER].count()
    if few < FOR_A_WORKER or settings.IMPORT_INLINE:
        return reprocess(user)
    return enqueue(KIND, user)


def reprocess(user: User, import_: Import | None = None) -> dict[str, int]:
    """Try all of a user's orphans again, or those of an import; here, in chunks.

    Returns how many were `processed`: `success` became scores, `failed` remain orphans,
    `removed` went without a new score (held already, blocked, deleted). Raises
    `scores.locks.Busy`; the chunks that were done by then stay done.
    """
    outcome: dict[str, int] = summed()
    selection = Selection(user.pk, 0, _last(user.pk), import_)
    while orphans := selection.chunk():
        tried = try_again(orphans, settings.REVERT_WAIT_SECONDS)
        outcome = summed(outcome, tried)
        selection = selection._replace(after=orphans[-1].pk)
    return outcome


def step(job: Job) -> bool:
    """The job's next chunk; whether there may be more. Raises NotNow."""
    assert job.user_id is not None
    if not job.cursor:
        return _begin(job, job.user_id)
    selection = Selection(job.user_id, job.cursor["after"], job.cursor["last"])
    orphans = selection.chunk()
    if not orphans:
        return False

    def store(outcome: Outcome) -> None:
        leases.store(
            job,
            cursor={**job.cursor, "after": orphans[-1].pk},
            done=job.done + len(orphans),
            result=summed(job.result, outcome),
        )

    try:
        try_again(orphans, PATIENCE_SECONDS, store)
    except Busy as error:
        raise NotNow(str(error)) from error
    return True


def summed(*outcomes: Outcome) -> dict[str, int]:
    """The sums of outcomes; without any, zeros."""
    names = ("processed", "success", "failed", "removed")
    return {name: sum(each.get(name, 0) for each in outcomes) for name in names}


def _begin(job: Job, user_id: int) -> bool:
    last = _last(user_id)
    total = Selection(user_id, 0, last).orphans().count()
    with transaction.atomic():
        leases.store(
            job,
            cursor={"after": 0, "last": last},
            total=total,
            description=f"Trying {total} orphans again.",
            result=summed(),
        )
    return True


def _last(user_id: int) -> int:
    """The newest orphan: those that imports bring meanwhile have just been tried."""
    newest = Orphan.objects.filter(user=user_id).order_by("-pk")
    return newest.values_list("pk", flat=True).first() or 0


def try_again(
    orphans: Sequence[Orphan],
    wait_seconds: float,
    store: Store | None = None,
    reading: Reading | None = None,
) -> Outcome:
    """Try a chunk of one user's orphans: entirely or not at all, with `store`.

    They may have been read already. Raises `scores.locks.Busy`.
    """
    while True:
        try:
            return _settle(reading or read_orphans(orphans), wait_seconds, store)
        except ChartsChanged:
            reading = None  # they are read again


def read_orphans(orphans: Sequence[Orphan]) -> Reading:
    """Orphans of however many users, as they are read with today's charts."""
    versions = {game: Chart.objects.charts_version(game) for game in _games(orphans)}
    return Reading(read_again(orphans), versions)


def _settle(reading: Reading, wait_seconds: float, store: Store | None) -> Outcome:
    """Store what became of one user's orphans. Raises ChartsChanged, and Busy."""
    rows = reading.rows
    if reading.changes_nothing:
        outcome = {"processed": len(rows), "failed": len(rows)}
        if store:
            with transaction.atomic():
                store(outcome)
        return outcome
    with change_of(rows[0].orphan.user_id, wait_seconds):
        # They were read without the lock. Charts may have changed since, or the import
        # may have been reverted, or another request may have tried the same orphans.
        for game, version in reading.versions.items():
            require_same_charts(game, version)
        scores = _still_there(reading.scores)
        success = _become_scores(scores)
        tell(reading.told_otherwise)
        failed = len(rows) - len(reading.scores)
        outcome = {
            "processed": len(scores) + failed,
            "success": success,
            "failed": failed,
            "removed": len(scores) - success,
        }
        if store:
            store(outcome)
    return outcome


def _games(orphans: Iterable[Orphan]) -> set[str]:
    return {orphan.game for orphan in orphans}


def _still_there(rows: Sequence[Row]) -> list[Row]:
    pks = [row.orphan.pk for row in rows]
    stored = Orphan.objects.filter(pk__in=pks, source_import__state=State.COMPLETED)
    found = set(stored.values_list("pk", flat=True))
    return [row for row in rows if row.orphan.pk in found]


def _become_scores(rows: Sequence[Row]) -> int:
    """Replace orphans by claims of their imports; how many became scores of them."""
    by_import: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        import_ = row.orphan.source_import
        by_import[sequence_of(import_), import_.pk].append(row)
    success = sum(_claim(key[1], by_import[key]) for key in sorted(by_import))
    for pks in chunks(row.orphan.pk for row in rows):
        Orphan.objects.filter(pk__in=pks).delete()
    return success


def _claim(import_pk: int, rows: Sequence[Row]) -> int:
    """Claim an import's rows; how many became its own scores."""
    # As it is now: the import before may have taken scores over from this one.
    import_ = Import.objects.get(pk=import_pk)
    now = milliseconds(timezone.now())
    touched = Touched(import_.user_id)
    claimed = claims.make(
        import_, (Claim(row.score, now) for row in rows if row.score), touched
    )
    insert_and_recalculate(touched, claimed.rows)
    if claimed.held:
        import_.save(update_fields=["later_claims"])
    return len(claimed.new_rows)


def tell(rows: Sequence[Row]) -> None:
    """Store what is wrong with orphans now."""
    for row in rows:
        row.orphan.message = row.problem
    Orphan.objects.bulk_update(
        [row.orphan for row in rows], ["message"], batch_size=CHUNK_SIZE
    )
