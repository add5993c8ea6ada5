"""What imports own now: their scores, and the sessions in which these are.

Grouped and written by the database: a list of imports may own a million scores.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, F, Max, Min, When
from orjson import Fragment

from scores.models import Score


class Owned(NamedTuple):
    """Scores of one import in the same session, or in none of a game and playtype."""

    gpt: str
    session_id: str | None
    session_started: int | None
    holds_anchor: bool


NO_IDS = Fragment("[]")
#: Import primary key, and the ids of its scores in their order, as JSON. The database
#: makes the text: three hundred thousand ids are 20 MB of it, or 200 MB of objects.
SCORE_IDS = {
    "postgresql": """
        SELECT source_import_id,
            '["T' || string_agg(encode(score_id, 'hex'), '","T' ORDER BY position)
            || '"]'
        FROM scores_score WHERE source_import_id IN ({}) GROUP BY source_import_id
    """,
    # Without ORDER BY in aggregates before 3.44: it keeps to that of the subquery.
    "sqlite": """
        SELECT source_import_id,
            '["T' || group_concat(lower(hex(score_id)), '","T') || '"]'
        FROM (
            SELECT source_import_id, score_id FROM scores_score
            WHERE source_import_id IN ({}) ORDER BY source_import_id, position
        ) GROUP BY source_import_id
    """,
}


def score_ids_of(pks: Sequence[int]) -> dict[int, Fragment]:
    """Import primary key → the ids of its scores, as JSON; one statement."""
    if not pks:
        return {}
    with connection.cursor() as cursor:
        sql = SCORE_IDS[connection.vendor].format(", ".join(["%s"] * len(pks)))
        cursor.execute(sql, pks)
        return {pk: Fragment(ids) for pk, ids in cursor}


def owned_by(pks: Sequence[int]) -> dict[int, list[Owned]]:
    """Import primary key → what it owns, in its order; one statement."""
    owned: dict[int, list[Owned]] = defaultdict(list)
    is_anchor = Case(When(score_id=F("session__anchor"), then=1), default=0)
    rows = (
        Score.objects.filter(source_import__in=pks)
        .values_list(
            "source_import", "gpt", "session__session_id", "session__time_started"
        )
        .annotate(holds_anchor=Max(is_anchor), first=Min("position"))
        .order_by("source_import", "first")
    )
    for pk, gpt, session_id, started, holds_anchor, _ in rows:
        owned[pk].append(Owned(gpt, session_id, started, bool(holds_anchor)))
    return owned
