"""Writing: the second half of an import, in one short transaction."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils import timezone

from imports import claims, reports
from imports.claims import Claim, Claimed
from imports.failures import MOST_LISTED, FailureType
from imports.formats.base import Failure
from imports.formats.orphans import orphan_id
from imports.models import DailyIntake, Import, ImportRows, Orphan, State
from imports.queue import leases, wake_ups
from imports.read import ReadImport
from imports.rows.outcomes import counts_of, rows_of
from imports.rows.packed import Row, pack
from imports.rules.refusals import refusal_of
from scores.copy_rows import chunks
from scores.derived import game_stats
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.json_columns import dump_json
from scores.models import Chart, ClassClaim
from scores.score_rows import ReportedScore

SCORE_BYTES = 1024  # of a score's row and its part of the bests and sessions, about
LEAST_COUNTED = 4096


class ChartsChanged(Exception):
    """Charts of the game changed since the import was read: read it again."""


def require_read_allowed(import_: Import, read: ReadImport) -> None:
    """Raise RefusedByRule where a rule refuses what was read."""
    if refused := refusal_of(import_, read.said):
        raise refused


class Effect(NamedTuple):
    """What an import has brought beside scores: its orphans, and each of its rows."""

    orphans: list[Orphan]
    rows: list[Row]

    def rows_to_store(self, import_: Import) -> ImportRows:
        """Not saved."""
        return ImportRows(of_import=import_, packed=pack(self.rows))


def write(import_: Import, read: ReadImport) -> None:
    """Store what was read and complete the import: entirely, or not at all.

    Having written nothing, raises `leases.Superseded` when the import is not this
    worker's any more, `stops.Stopped`, `RefusedByRule`, `ChartsChanged`, and
    `scores.locks.Busy`.
    """
    with change_of(import_.user_id):
        # Another worker may have taken the import while this one read it. From here on
        # the fence holds the import's row, so that `save` overwrites nobody's change.
        leases.fence(import_)
        require_read_allowed(import_, read)
        require_same_charts(read.parsed.game, read.charts_version)
        import_.sequence = next_sequence(import_.user_id)
        effect = take_effect(import_, read)
        import_.save()
        rows = effect.rows_to_store(import_)
        rows.save(force_insert=True)
        count_bytes(import_, effect.orphans, rows)
        wake_ups.wake_next(import_.user_id, after=import_.pk)


def take_effect(
    import_: Import,
    read: ReadImport,
    touched: Touched | None = None,
    *,
    has_refused: bool = True,
) -> Effect:
    """Write what was read under the import's sequence, and complete it, not saved.

    Under the lock of `change_of`. The rows are not stored; `touched` collects what else
    may have changed. Without `has_refused` the caller knows that the user has never
    blocked or deleted a score.
    """
    if touched is None:
        touched = Touched(import_.user_id)
    claimed, effect = settle(import_, read, touched, has_refused=has_refused)
    Orphan.objects.bulk_create(effect.orphans, batch_size=500)
    touched.profiles.update(_claim_classes(import_, read.parsed.classes))
    profiles = insert_and_recalculate(touched, claimed.rows)
    import_.class_deltas = [
        delta
        for gpt, (before, after) in profiles.items()
        for delta in game_stats.class_deltas(gpt, before.classes, after.classes)
    ]
    import_.context = read.parsed.context
    import_.state = State.COMPLETED
    import_.lease_until = None
    import_.phase = import_.description = ""
    return effect


def settle(
    import_: Import, read: ReadImport, touched: Touched, *, has_refused: bool = True
) -> tuple[Claimed, Effect]:
    """Claim the scores, and set what the import tells of its rows: counts and errors.

    What is to be written of it is returned.
    """
    import_.finished_at = timezone.now()
    import_.game = read.parsed.game
    import_.service = read.parsed.service
    reported = _claims(import_, read.scores)
    claimed = claims.make(
        import_, reported, touched, has_refused=has_refused, is_newest=True
    )
    orphans, errors, same_orphans = _orphans(import_, read)
    rows = rows_of(import_, read, claimed, errors, same_orphans)
    import_.errors = errors[:MOST_LISTED]
    import_.counts = counts_of(rows)
    return claimed, Effect(orphans, rows)


def require_same_charts(game: str, charts_version: datetime | None) -> None:
    """Raise ChartsChanged unless the charts are those that were read.

    Under the lock of `change_of` they cannot change any more.
    """
    if Chart.objects.charts_version(game) != charts_version:
        raise ChartsChanged


def next_sequence(user_id: int) -> int:
    """The number of the user's next import to take effect; under the user's lock."""
    last = Import.objects.filter(user=user_id).aggregate(last=Max("sequence"))["last"]
    return (last or 0) + 1


def _claims(import_: Import, scores: Iterable[ReportedScore]) -> Iterator[Claim]:
    """The scores as claims, which are added when the import takes effect."""
    now = reports.processed_at(import_)
    return (Claim(score, now) for score in scores)


def _orphans(
    import_: Import, read: ReadImport
) -> tuple[list[Orphan], list[dict[str, Any]], dict[int, int]]:
    """The orphans to store; every failure as the import document lists it; and the
    positions of rows that repeat an orphaned one, with that of the first.
    """
    ids = {
        failure.position: orphan_id(
            import_.import_type, failure.data, read.parsed.context, import_.user_id
        )
        for failure in read.orphans
    }
    known = _known_orphans(import_.user_id, set(ids.values()))
    kept: dict[str, Orphan] = {}
    errors = []
    same: dict[int, int] = {}
    for failure in read.failures:
        type_ = failure.type
        if (id_ := ids.get(failure.position)) is not None:
            if id_ in known or id_ in kept:
                type_ = FailureType.ORPHAN_EXISTS
            if id_ in kept:
                same[failure.position] = kept[id_].position
            else:
                kept[id_] = _orphan(import_, id_, failure, read)
        position = failure.position
        error = {"type": type_, "message": failure.message, "position": position}
        if lines := read.parsed.lines:
            error["line"] = lines[position]
        errors.append(error)
    return list(kept.values()), errors, same


def _known_orphans(user_id: int, ids: set[str]) -> set[str]:
    known: set[str] = set()
    for chunk in chunks(ids):
        held = Orphan.objects.filter(user=user_id, orphan_id__in=chunk)
        known.update(held.values_list("orphan_id", flat=True))
    return known


def _orphan(import_: Import, id_: str, failure: Failure, read: ReadImport) -> Orphan:
    return Orphan(
        orphan_id=id_,
        user_id=import_.user_id,
        source_import=import_,
        position=failure.position,
        game=read.parsed.game,
        data=failure.data,
        message=failure.message,
        time_inserted=reports.processed_at(import_),
    )


def _claim_classes(import_: Import, classes: dict[str, dict[str, str]]) -> list[str]:
    """Store the classes that the import declares; returns their games and playtypes."""
    class_claims = [
        ClassClaim(
            user_id=import_.user_id,
            gpt=gpt,
            class_set=class_set,
            value=value,
            source_import=import_,
        )
        for gpt, sets in classes.items()
        for class_set, value in sets.items()
    ]
    ClassClaim.objects.bulk_create(class_claims)
    return [claim.gpt for claim in class_claims]


def count_bytes(import_: Import, orphans: Iterable[Orphan], rows: ImportRows) -> None:
    """Count what the import has written as bytes of its user's day.

    Its orphans, errors and rows as they are, a score as a nominal row with its indexes.
    A single play is not worth a statement: the rate limit bounds how many there are.
    """
    written = import_.counts["imported"] * SCORE_BYTES
    written += sum(len(dump_json(each.data)) + len(each.message) for each in orphans)
    written += len(dump_json(import_.errors)) + len(rows.packed)
    if written >= LEAST_COUNTED:
        day = timezone.now().date()
        DailyIntake.objects.add(import_.user_id, day, written)
