"""Reprocessing orphans: rows of imports whose song or chart was not known.

An orphan belongs to its import. When its chart is known, it becomes a score of that
import, at that import's sequence, and a revert of the import removes it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from imports import claims
from imports.claims import Claim
from imports.failures import FailureType
from imports.formats import get_format
from imports.formats.base import Failure
from imports.models import Import, Orphan, State
from imports.progress import silent
from imports.read import complete
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.locks import only_change_of
from scores.models import Chart
from scores.score_rows import ReportedScore
from tachi.accounts.models import User
from tachi.api.times import milliseconds

#: Failures after which a row remains an orphan.
REMAIN = (FailureType.NOT_FOUND, FailureType.INTERNAL)


def reprocess(user: User) -> dict[str, int]:
    """Try all of a user's orphans again, each import's in one transaction.

    Returns how many were `processed`: `success` became scores, `failed` remain orphans,
    `removed` made no new score (invalid, held already, blocked). Raises
    `scores.locks.Busy`; the imports that were done by then stay done.
    """
    outcome: Counter[str] = Counter(processed=0, success=0, failed=0, removed=0)
    orphaned = Import.objects.completed().filter(user=user, orphans__isnull=False)
    for import_ in orphaned.distinct().order_by("sequence"):
        outcome.update(_reprocess(import_))
    return dict(outcome)


def _reprocess(import_: Import) -> Counter[str]:
    charts_version = Chart.objects.charts_version(import_.game)
    orphans = list(Orphan.objects.filter(source_import=import_).order_by("position"))
    scores, failures = _read(import_, orphans)
    remain = {failure.position for failure in failures if failure.type in REMAIN}
    done = [orphan for orphan in orphans if orphan.position not in remain]
    if not done:
        return Counter(processed=len(orphans), failed=len(orphans))
    with only_change_of(import_.user_id, settings.REVERT_WAIT_SECONDS):
        # They were read without the lock. Charts may have changed since: then they are
        # left for the next attempt. The import may have been reverted, or another
        # request may have reprocessed the same orphans: then nothing is left to do.
        if Chart.objects.charts_version(import_.game) != charts_version:
            return Counter(processed=len(orphans), failed=len(orphans))
        import_ = Import.objects.get(pk=import_.pk)
        stored = set(import_.orphans.values_list("pk", flat=True))
        if import_.state != State.COMPLETED or not {o.pk for o in done} <= stored:
            return Counter()
        imported = _store(import_, scores, done)
    return Counter(
        processed=len(orphans),
        success=imported,
        failed=len(orphans) - len(done),
        removed=len(done) - imported,
    )


def _read(
    import_: Import, orphans: Sequence[Orphan]
) -> tuple[list[ReportedScore], list[Failure]]:
    """The orphans as scores and failures, each under its own position."""
    convert = get_format(import_.import_type).convert
    outcomes = convert([orphan.data for orphan in orphans], import_.context)
    placed = [
        replace(outcome, position=orphan.position)
        for orphan, outcome in zip(orphans, outcomes, strict=True)
    ]
    return complete(import_, placed, silent)


def _store(import_: Import, scores: Sequence[ReportedScore], done: list[Orphan]) -> int:
    """Replace the orphans by claims of the import; how many became its own scores."""
    now = milliseconds(timezone.now())
    touched = Touched(import_.user_id)
    claimed = claims.make(import_, (Claim(score, now) for score in scores), touched)
    for pks in chunks(orphan.pk for orphan in done):
        Orphan.objects.filter(pk__in=pks).delete()
    insert_and_recalculate(touched, claimed.new_rows)
    import_.save(update_fields=["later_claims"])
    return len(claimed.new_rows)
