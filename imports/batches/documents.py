"""Batches on the wire: how far they are, and what came of each import."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, TypedDict

from django.conf import settings
from django.utils import timezone

from imports.batches.control import AT_WORK, ENDED
from imports.batches.counted import counted_outcomes, counted_players, overlapping
from imports.models import BatchImport, RevertBatch
from imports.undo.preview import Preview
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds

State = RevertBatch.State
Outcome = BatchImport.State


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
    outcomes, players = counted_outcomes(batches), counted_players(batches)
    shared = overlapping(batches)
    return [
        _listing(each, outcomes[each.pk], players[each.pk], shared[each.pk])
        for each in batches
    ]


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
