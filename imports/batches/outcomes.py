"""What came of each import of a batch, on the wire."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, TypedDict

from django.db.models import QuerySet

from imports.models import BatchImport, RevertBatch

READ_AT_ONCE = 1000


class OutcomeDocument(TypedDict):
    """What came of an import of a batch."""

    importID: str
    userID: int | None
    state: Literal["waiting", "reverted", "gone", "refused", "failed", "restored"]
    why: Annotated[
        str,
        "Why it was not reverted, or not restored; which classes did not come"
        " back with a restore; or empty.",
    ]
    scores: int
    kept: int
    otherPlaytypes: bool


def outcome_documents(outcomes: Iterable[BatchImport]) -> list[OutcomeDocument]:
    """Outcomes, which have their players loaded."""
    return [_outcome(each) for each in outcomes]


def every_outcome(
    batch: RevertBatch, state: str | None = None
) -> Iterator[OutcomeDocument]:
    """All outcomes of a batch, or those in a state, in their order."""
    rows = outcomes_of(batch, state).order_by("position")
    yield from map(_outcome, rows.iterator(READ_AT_ONCE))


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
