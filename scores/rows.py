"""Scores on their way into the database: plain rows, not model objects.

Ten thousand of them are made, sorted and written in one import; a model object would
cost more than the rules of the game do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scores import bulk
from scores.models import Chart, Score


@dataclass(slots=True)
class ScoreRow:
    """One score to insert; the fields are those of `Score`, `chart` the whole chart.

    `sequence` is its import's: who was first decides what a session is called.
    """

    score_id: str
    user_id: int
    chart: Chart
    gpt: str
    source_import_id: int
    sequence: int
    position: int
    service: str
    import_type: str
    time_achieved: int | None
    time_added: int
    comment: str | None
    score_data: dict[str, Any]
    score_meta: dict[str, Any]
    ratings: tuple[float | None, ...]
    pk: int | None = None
    session_id: int | None = None


FIELDS = (
    "id",
    "score_id",
    "user",
    "chart",
    "gpt",
    "source_import",
    "position",
    "service",
    "import_type",
    "time_achieved",
    "time_added",
    "comment",
    "score_data",
    "score_meta",
    "rating_1",
    "rating_2",
    "rating_3",
    "session",
)


def padded(ratings: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """The ratings as the three columns hold them."""
    return (*ratings, None, None, None)[:3]


def insert(rows: list[ScoreRow]) -> None:
    """Insert the rows, each under its `pk`, or under a new one when it has none."""
    new = [row for row in rows if row.pk is None]
    for row, pk in zip(new, _ids(len(new)), strict=True):
        row.pk = pk
    bulk.insert(Score, FIELDS, _values(rows))


def _ids(count: int) -> Iterable[int]:
    return bulk.allocate_ids(Score, count) if count else ()


def _values(rows: list[ScoreRow]) -> Iterable[tuple]:
    for row in rows:
        yield (
            row.pk,
            row.score_id,
            row.user_id,
            row.chart.pk,
            row.gpt,
            row.source_import_id,
            row.position,
            row.service,
            row.import_type,
            row.time_achieved,
            row.time_added,
            row.comment,
            row.score_data,
            row.score_meta,
            *padded(row.ratings),
            row.session_id,
        )
