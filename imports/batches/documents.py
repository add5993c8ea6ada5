"""Batches on the wire: how far they are, and what came of each import."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, TypedDict

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from imports.batches.control import AT_WORK, ENDED
from imports.models import BatchImport, BatchPlayer, RevertBatch
from imports.undo.preview import Preview
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds

State = RevertBatch.State
Outcome = BatchImport.State
UNFINISHED = (State.DRAFT, State.PAUSED, *AT_WORK)


class RunAgain(TypedDict):
    """How imports run once more after their revert."""

    playtype: Annotated[str | None, "Another than the import's; null: the same."]


class BatchProgress(TypedDict):
    """How far an unfinished batch is with what it is at."""

    description: Annotated[str, "For people."]
    done: Annotated[int, "Of `total`: players of a preview, or else imports."]
    total: int
    percent: int


class BatchListing(TypedDict):
    """A batch of reverts. Its numbers count imports unless they say otherwise."""

    batchID: str
    kind: Literal["revert", "rerun"]
    state: Literal[
        "draft",
        "queued",
        "running",
        "pausing",
        "paused",
        "cancelling",
        "cancelled",
        "done",
        "restoring",
        "restored",
    ]
    createdBy: Annotated[int | None, "A user's id; null: by a command, or deleted."]
    origin: Literal["api", "admin", "command"]
    reason: Annotated[str, "What the players read."]
    note: Annotated[str, "For moderators."]
    filters: Annotated[dict[str, Any], "As they were given; {}: imports were named."]
    imports: Annotated[int, "How many are selected."]
    done: Annotated[int, "How many have had their turn."]
    reverted: Annotated[int, "How many it has reverted, and not restored since."]
    restored: int
    scores: Annotated[int, "What the imports owned that it has reverted."]
    kept: Annotated[int, "Of `scores`: those that stayed with another import."]
    refused: int
    failed: int
    players: int
    aside: Annotated[int, "Players of whom something else would have happened."]
    verified: Annotated[int, "Players whose derived rows were found right after it."]
    otherPlaytypes: Annotated[
        int, "How many hold scores of other playtypes, too, than the filter's."
    ]
    etaSeconds: Annotated[int | None, "At the pace at which it has really run."]
    perSecond: Annotated[float | None, "Imports in a second that it has really run."]
    fingerprint: Annotated[str, "Of what is to be confirmed; empty: no preview yet."]
    toConfirm: Annotated[int, "How many imports a confirmation would run."]
    block: bool
    withdrawClasses: bool
    runAgain: RunAgain | None
    createdAt: Milliseconds
    startedAt: Milliseconds | None
    finishedAt: Milliseconds | None
    restorableUntil: Annotated[
        Milliseconds | None, "Null: nothing to restore, or held: as long as it is held."
    ]
    held: bool
    whyPaused: Annotated[str, "Why it paused by itself, or empty."]
    overlaps: Annotated[list[str], "Unfinished batches that have some of its imports."]


class BatchDocument(BatchListing):
    """A batch with its preview."""

    preview: Annotated[Preview | None, "Null while a worker makes it."]
    progress: BatchProgress | None


class OutcomeDocument(TypedDict):
    """What came of an import of a batch."""

    importID: str
    userID: int | None
    state: Literal["waiting", "reverted", "gone", "refused", "failed", "restored"]
    why: Annotated[str, "Why it was not reverted, or not restored; or empty."]
    scores: int
    kept: int
    otherPlaytypes: bool


def batch_document(batch: RevertBatch) -> BatchDocument:
    """A batch as it is now, with preview and progress."""
    batch.refresh_from_db()
    (listing,) = batch_listings([batch])
    return {
        **listing,
        "preview": batch.preview or None,
        "progress": _progress(batch, listing),
    }


def batch_listings(batches: Sequence[RevertBatch]) -> list[BatchListing]:
    """Batches without previews; a constant number of statements, whatever they hold."""
    outcomes, players = _counted_outcomes(batches), _counted_players(batches)
    overlapping = _overlapping(batches)
    return [
        _listing(each, outcomes[each.pk], players[each.pk], overlapping[each.pk])
        for each in batches
    ]


def _counted_outcomes(batches: Sequence[RevertBatch]) -> dict[int, Counter[str]]:
    """How many imports of each batch are in which state, and what they held."""
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = BatchImport.objects.filter(batch__in=batches).values_list("batch", "state")
    for pk, state, count, scores, kept, mixed, ahead, aside in rows.annotate(
        count=Count("pk"),
        owned=Sum("scores"),
        stayed=Sum("kept"),
        mixed=Count("pk", filter=Q(other_playtypes=True)),
        ahead=Count("pk", filter=Q(done_at=None)),
        aside=Count("pk", filter=Q(player__state=BatchPlayer.State.ASIDE)),
    ):
        found = counted[pk]
        found[state] += count
        found["mixed"] += mixed
        found["scores"] += scores
        found["kept"] += kept
        if state == Outcome.REVERTED:
            found["to restore"] += ahead
        if state == Outcome.WAITING:
            found["aside"] += aside
    return counted


def _counted_players(batches: Sequence[RevertBatch]) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = BatchPlayer.objects.filter(batch__in=batches).values_list("batch")
    for pk, everybody, aside, verified in rows.annotate(
        everybody=Count("pk"),
        aside=Count("pk", filter=Q(state=BatchPlayer.State.ASIDE)),
        right=Count("pk", filter=Q(verified=True)),
    ):
        counted[pk].update(all=everybody, aside=aside, verified=verified)
    return counted


def outcome_documents(outcomes: Iterable[BatchImport]) -> list[OutcomeDocument]:
    """Outcomes, which have their players loaded."""
    return [_outcome(each) for each in outcomes]


def every_outcome(
    batch: RevertBatch, state: str | None = None
) -> Iterator[OutcomeDocument]:
    """All outcomes of a batch, or those in a state, in their order."""
    rows = outcomes_of(batch, state).order_by("position")
    yield from map(_outcome, rows.iterator(1000))


def outcomes_of(batch: RevertBatch, state: str | None = None) -> QuerySet[BatchImport]:
    """The rows of outcomes, with their players."""
    rows = batch.outcomes.select_related("player").defer("player__preview")
    return rows if state is None else rows.filter(state=state)


def _outcome(outcome: BatchImport) -> OutcomeDocument:
    return {
        "importID": outcome.import_id,
        "userID": outcome.player.user_id,
        "state": outcome.state,  # type: ignore[typeddict-item]
        "why": outcome.why,
        "scores": outcome.scores,
        "kept": outcome.kept,
        "otherPlaytypes": outcome.other_playtypes,
    }


def _listing(
    batch: RevertBatch,
    outcomes: Counter[str],
    players: Counter[str],
    overlaps: list[str],
) -> BatchListing:
    done = batch.imports - outcomes[Outcome.WAITING]
    pace = _per_second(batch, outcomes, done)
    return {
        "batchID": batch.batch_id,
        "kind": batch.kind,  # type: ignore[typeddict-item]
        "state": batch.state,  # type: ignore[typeddict-item]
        "createdBy": batch.created_by_id,
        "origin": batch.origin,  # type: ignore[typeddict-item]
        "reason": batch.reason,
        "note": batch.note,
        "filters": batch.filters,
        "imports": batch.imports,
        "done": done,
        "reverted": outcomes[Outcome.REVERTED],
        "restored": outcomes[Outcome.RESTORED],
        "scores": outcomes["scores"],
        "kept": outcomes["kept"],
        "refused": outcomes[Outcome.REFUSED],
        "failed": outcomes[Outcome.FAILED],
        "players": players["all"],
        "aside": players["aside"],
        "verified": players["verified"],
        "otherPlaytypes": outcomes["mixed"],
        "etaSeconds": _eta_seconds(batch, outcomes, pace),
        "perSecond": pace and round(pace, 1),
        "fingerprint": batch.fingerprint,
        "toConfirm": _to_confirm(batch, outcomes),
        "block": batch.block,
        "withdrawClasses": batch.withdraw_classes,
        "runAgain": batch.run_again,
        "createdAt": milliseconds(batch.created_at),
        "startedAt": _moment(batch.started_at),
        "finishedAt": _moment(batch.finished_at),
        "restorableUntil": _restorable_until(batch, outcomes),
        "held": batch.held,
        "whyPaused": batch.why_paused,
        "overlaps": overlaps,
    }


def _to_confirm(batch: RevertBatch, outcomes: Counter[str]) -> int:
    if batch.state == State.DRAFT:
        return batch.imports
    return outcomes["aside"] if batch.state == State.DONE else 0


def _moment(moment: Any) -> int | None:
    return milliseconds(moment) if moment else None


def _per_second(batch: RevertBatch, outcomes: Counter[str], done: int) -> float | None:
    count = outcomes[Outcome.RESTORED] if batch.restoring else done
    return count / batch.ran_seconds if count and batch.ran_seconds else None


def _eta_seconds(
    batch: RevertBatch, outcomes: Counter[str], pace: float | None
) -> int | None:
    if not pace or batch.state not in AT_WORK:
        return None
    ahead = outcomes["to restore"] if batch.restoring else outcomes[Outcome.WAITING]
    return math.ceil(ahead / pace)


def _restorable_until(batch: RevertBatch, outcomes: Counter[str]) -> int | None:
    if batch.held or batch.state not in ENDED or not outcomes[Outcome.REVERTED]:
        return None
    ended = batch.finished_at or batch.created_at
    until = ended + timedelta(days=settings.RESTORE_DAYS)
    return milliseconds(until) if until > timezone.now() else None


def _progress(batch: RevertBatch, listing: BatchListing) -> BatchProgress | None:
    if batch.state == State.DRAFT and batch.needs_preview:
        done = batch.players.exclude(preview__isnull=True).count()
        return _of(done, listing["players"], "Trying out what would change.")
    if batch.state in ENDED or batch.state == State.DRAFT:
        return None
    if batch.restoring:
        ahead = batch.outcomes.filter(state=Outcome.REVERTED, done_at=None).count()
        total = ahead + listing["restored"]
        return _of(total - ahead, total, _described(batch, "Restoring imports."))
    return _of(listing["done"], batch.imports, _described(batch, "Reverting imports."))


def _described(batch: RevertBatch, at_work: str) -> str:
    if batch.state == State.QUEUED:
        return "Waiting for its turn."
    if batch.state == State.PAUSED:
        return batch.why_paused or "Paused."
    return at_work


def _of(done: int, total: int, description: str) -> BatchProgress:
    percent = 100 * done // total if total else 100
    return {
        "description": description,
        "done": done,
        "total": total,
        "percent": percent,
    }


def _overlapping(batches: Sequence[RevertBatch]) -> dict[int, list[str]]:
    """The unfinished batches that an unfinished one of these shares imports with."""
    found: dict[int, list[str]] = defaultdict(list)
    ours = [each.pk for each in batches if each.state in UNFINISHED]
    others = RevertBatch.objects.filter(state__in=UNFINISHED)
    if not ours or others.count() < 2:
        return found
    shared = BatchImport.objects.filter(
        batch__in=ours, of_import__batch_outcomes__batch__state__in=UNFINISHED
    ).values_list(
        "batch",
        "of_import__batch_outcomes__batch",
        "of_import__batch_outcomes__batch__batch_id",
    )
    pairs: list[Any] = sorted(shared.distinct())
    for batch, other, batch_id in pairs:
        if other != batch:
            found[batch].append(batch_id)
    return found
