"""Scores to be inserted: plain rows, not model objects.

An import creates, sorts and writes ten thousand of them; creating model objects would
cost more than applying the rules of the game.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scores import copy_rows
from scores.models import Chart, Score


@dataclass(slots=True)
class ReportedScore:
    """A score as an import reports it, derived and rated, before the import owns it.

    The fields are those of `Score`, `chart` the whole chart. `highlight` is no field of
    it: the player wants the score marked, which is an edit (`scores.edits`).
    """

    score_id: str
    user_id: int
    chart: Chart
    gpt: str
    position: int
    service: str
    import_type: str
    time_achieved: int | None
    comment: str | None
    score_data: dict[str, Any]
    score_meta: dict[str, Any]
    ratings: tuple[float | None, ...]
    highlight: bool = field(default=False, kw_only=True)

    def owned_by(
        self,
        import_pk: int,
        *,
        sequence: int,
        time_added: int,
        pk: int | None = None,
    ) -> "ScoreRow":
        """The row to insert for the import that owns the score.

        `sequence` is the import's, and decides which score is a session's anchor.
        `time_added` is in unix milliseconds; `pk` is that of the stored score that the
        row replaces, None for a new one.
        """
        return ScoreRow(
            self.score_id,
            self.user_id,
            self.chart,
            self.gpt,
            self.position,
            self.service,
            self.import_type,
            self.time_achieved,
            self.comment,
            self.score_data,
            self.score_meta,
            self.ratings,
            import_pk,
            sequence,
            time_added,
            pk,
        )


@dataclass(slots=True)
class ScoreRow(ReportedScore):
    """A score to insert for the import that owns it: complete but for its session.

    `sequence` is that of the import.
    """

    source_import_id: int
    sequence: int
    time_added: int
    pk: int | None = None
    own: dict[str, Any] | None = None
    timed_by: int | None = None
    timed_at: int | None = None


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
    "own",
    "timed_by",
    "timed_at",
    "rating_1",
    "rating_2",
    "rating_3",
    "session",
)


def padded(ratings: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """The ratings for the three columns `rating_1` to `rating_3`."""
    return (*ratings, None, None, None)[:3]


def insert(score_rows: Sequence[ScoreRow], sessions: Mapping[str, int]) -> None:
    """Insert the rows, each under its `pk`, or under a new one when it has none.

    `sessions` are the primary keys of the sessions by the score ids in them.
    """
    count = sum(row.pk is None for row in score_rows)
    if count == len(score_rows):  # the database numbers them
        copy_rows.insert(Score, FIELDS[1:], _values(score_rows, sessions))
        return
    new_pks = iter(copy_rows.allocate_ids(Score, count) if count else ())
    pks = [next(new_pks) if row.pk is None else row.pk for row in score_rows]
    values = zip(pks, _values(score_rows, sessions), strict=True)
    copy_rows.insert(Score, FIELDS, ((pk, *rest) for pk, rest in values))


def _values(
    score_rows: Sequence[ScoreRow], sessions: Mapping[str, int]
) -> Iterable[tuple]:
    """The values of each row but for its primary key."""
    for row in score_rows:
        yield (
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
            row.own,
            row.timed_by,
            row.timed_at,
            *padded(row.ratings),
            sessions.get(row.score_id),
        )
