"""Scores that say something else than what was claimed. Which claims there are is known
to the app of imports, so `settings.CLAIMED` names the function that compares.
"""

from collections.abc import Iterator

from django.conf import settings
from django.utils.module_loading import import_string

from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.models import Score
from scores.score_rows import ScoreRow


def uncomposed(user_id: int, gpt: str) -> Iterator[tuple[int | None, ScoreRow]]:
    """The time that each such score has, and the row that it should be."""
    find = import_string(settings.CLAIMED)
    yield from find(user_id, gpt)


def remove_uncomposed(touched: Touched, gpt: str) -> list[ScoreRow]:
    """Remove such scores of a player; returns the rows to be inserted for them."""
    rows = []
    for time, row in uncomposed(touched.user_id, gpt):
        touched.score(row.gpt, row.chart.pk, time)
        rows.append(row)
    for some in chunks(row.pk for row in rows if row.pk is not None):
        Score.objects.filter(pk__in=some).delete()
    return rows
