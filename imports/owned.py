"""What imports own now: their scores, and the sessions in which these are.

Grouped and written by the database: a list of imports may own a million scores.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from orjson import Fragment


class Owned(NamedTuple):
    """Scores of one import in the same session, or in none of a game and playtype."""

    gpt: str
    session_id: str | None
    session_started: int | None
    holds_anchor: bool


NO_IDS = Fragment("[]")
#: A row for each import, gpt and session, and one for each import, with the ids of its
#: scores in their order, as JSON. The database makes the text: three hundred thousand
#: ids are 20 MB of it, or 200 MB of objects.
OWNED = """
    SELECT source_import_id, min(position), score.gpt, session.session_id,
        session.time_started,
        max(CASE WHEN score.score_id = session.anchor THEN 1 ELSE 0 END), NULL
    FROM scores_score AS score
    LEFT JOIN scores_session AS session ON session.id = score.session_id
    WHERE source_import_id IN ({0})
    GROUP BY source_import_id, score.gpt, session.session_id, session.time_started
    UNION ALL
    SELECT source_import_id, NULL, NULL, NULL, NULL, NULL, {1}
"""
SCORE_IDS = {
    "postgresql": """
        '["T' || string_agg(encode(score_id, 'hex'), '","T' ORDER BY position) || '"]'
        FROM scores_score WHERE source_import_id IN ({0}) GROUP BY source_import_id
    """,
    # Without ORDER BY in aggregates before 3.44: it keeps to that of the subquery.
    "sqlite": """
        '["T' || group_concat(lower(hex(score_id)), '","T') || '"]'
        FROM (
            SELECT source_import_id, score_id FROM scores_score
            WHERE source_import_id IN ({0}) ORDER BY source_import_id, position
        ) GROUP BY source_import_id
    """,
}


def owned_by(
    pks: Sequence[int],
) -> tuple[dict[int, Fragment], dict[int, list[Owned]]]:
    """Import primary key → the ids of its scores, as JSON, if it has any; and → what it
    owns, in its order. One statement.
    """
    score_ids: dict[int, Fragment] = {}
    owned: dict[int, list[Owned]] = defaultdict(list)
    if not pks:
        return score_ids, owned
    ids = SCORE_IDS[connection.vendor]
    sql = OWNED.format("{0}", ids).format(", ".join(["%s"] * len(pks)))
    first: dict[tuple[int, Owned], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*pks, *pks])
        for pk, position, gpt, hashed, started, holds_anchor, text in cursor:
            if text is not None:
                score_ids[pk] = Fragment(text)
                continue
            session_id = None if hashed is None else "Q" + bytes(hashed).hex()
            first[pk, Owned(gpt, session_id, started, bool(holds_anchor))] = position
    for pk, each in sorted(first, key=lambda key: first[key]):
        owned[pk].append(each)
    return score_ids, owned
