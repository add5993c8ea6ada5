"""Scores that are kept from being imported again, on the wire."""

from typing import Annotated, Any, TypedDict

from django.db.models import QuerySet

from scores.models import ScoreBlock
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds


class BlockDocument(TypedDict):
    """A blocked score, as it was when it was blocked."""

    scoreID: str
    game: str | None
    playtype: str | None
    chartID: str | None
    score: dict[str, Any]
    createdAt: Milliseconds
    importID: Annotated[str | None, "The import whose revert has blocked it."]


def block_documents(blocks: QuerySet[ScoreBlock]) -> list[BlockDocument]:
    """Blocks in the queryset's order; one statement."""
    return [_document(block) for block in blocks.select_related("made_by__of_import")]


def _document(block: ScoreBlock) -> BlockDocument:
    said, revert = block.score, block.made_by
    return {
        "scoreID": block.score_id,
        "game": said.get("game"),
        "playtype": said.get("playtype"),
        "chartID": said.get("chartID"),
        "score": said,
        "createdAt": milliseconds(block.created_at),
        "importID": revert.of_import.import_id if revert else None,
    }
