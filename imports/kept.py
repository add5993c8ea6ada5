"""What is kept of a user's imports: how many rows, and about how many bytes."""

from typing import Any, NamedTuple

from django.db.models import Avg, Expression, F, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Length

from imports.models import (
    BatchPlayer,
    DailyIntake,
    ImportInput,
    ImportRows,
    Orphan,
    Revert,
)
from scores.json_columns import json_text
from scores.models import Score
from tachi.accounts.models import User

SAMPLE = 1000  # rows that are looked at; a player may have a million
SCORE_COLUMNS = 250  # bytes of a score's row beside its JSON, about


class Kept(NamedTuple):
    """Rows of one kind; `size` is in bytes, without indexes."""

    kind: str
    rows: int
    size: int


def kept_of(user: User) -> list[Kept]:
    """What is kept of a user, by kind; two statements for each."""
    reverts = Revert.objects.filter(of_import__user=user).exclude(snapshot=None)
    of_user = {"of_import__user": user}
    data, meta = Length(json_text("score_data")), Length(json_text("score_meta"))
    return [
        _kept("Inputs", ImportInput.objects.filter(**of_user), _bytes()),
        _kept(
            "Rows of imports", ImportRows.objects.filter(**of_user), _bytes("packed")
        ),
        _kept("Orphans", Orphan.objects.filter(user=user), Length(json_text("data"))),
        _kept("Snapshots of reverts", reverts, _bytes("snapshot")),
        _kept(
            "Previews in batches",
            BatchPlayer.objects.filter(user=user).exclude(preview=None),
            Length(json_text("preview")),
        ),
        _kept(
            "Scores",
            Score.objects.filter(user=user),
            data + meta + Value(SCORE_COLUMNS),
        ),
    ]


def added_today(user: User, day: Any) -> int:
    """How many bytes the user's imports have added on that day, which is today."""
    rows = DailyIntake.objects.filter(user=user, day__gte=day)
    return rows.values_list("bytes", flat=True).first() or 0


def _bytes(column: str = "payload") -> Func:
    return Func(F(column), function="LENGTH", output_field=IntegerField())


def _kept(kind: str, rows: QuerySet[Any], size: Expression) -> Kept:
    sample = rows.annotate(taken=size).values("taken")[:SAMPLE]
    average = sample.aggregate(average=Avg("taken"))["average"] or 0
    count = rows.count()
    return Kept(kind, count, round(count * float(average)))
