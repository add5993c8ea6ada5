"""What becomes of scores where some go and others come: by running imports again, and
by restoring what was.

All scores of the player on the charts that are touched are read at both ends.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from imports.models import Import
from imports.undo.told import Ends, Selection
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.models import Score
from scores.tried_out import Derived, both_ends

Result = TypeVar("Result")
Scores = dict[str, Score]  # by score id


class Compared(NamedTuple):
    """The scores, and what follows from them, at both ends."""

    scores_before: Scores
    scores_after: Scores
    before: Derived
    after: Derived


def compared(touched: Touched, act: Callable[[], Result]) -> tuple[Result, Compared]:
    """Do it and undo it, within a change of the player; `act` notes what it touches."""

    def acted() -> tuple[Result, Scores]:
        return act(), _scores_on(touched)

    (result, scores_after), before, after = both_ends(touched, acted)
    return result, Compared(_scores_on(touched), scores_after, before, after)


def _scores_on(touched: Touched) -> Scores:
    """All scores of the player on touched charts."""
    charts = sorted(pk for pks in touched.charts.values() for pk in pks)
    return {
        score.score_id: score
        for some in chunks(charts)
        for score in Score.objects.filter(user=touched.user_id, chart__in=some)
    }


def selection_of(
    imports: Sequence[Import],
    found: Compared,
    orphans: list[str],
    *,
    goes: bool,
    new: Mapping[int, int] = MappingProxyType({}),
) -> Selection:
    """What became of the scores, told of these imports of one player.

    The selection `goes`, and its scores that stay are kept; or it comes, and those are
    kept that were there already. `new` are imports (primary keys) that are there only
    as long as it is tried out, with the ones of which is told what they hold.
    """
    ours = {import_.pk for import_ in imports}
    kept: list[tuple[Ends, int, int]] = []
    changed: list[Ends] = []
    old, now = found.scores_before, found.scores_after
    for score_id in sorted(old.keys() & now.keys()):
        ends = Ends(old[score_id], now[score_id])
        own, other = (each.source_import_id for each in (ends if goes else ends[::-1]))
        if own in ours and own != other:
            kept.append((ends, own, 0 if other in new else other))
        elif _says(ends.before) != _says(ends.after):
            changed.append(ends)
    for score in now.values():
        score.source_import_id = new.get(score.source_import_id, score.source_import_id)
    removed, added = _only(old, now), _only(now, old)
    return Selection(
        user_id=imports[0].user_id if imports else 0,
        imports=imports,
        gone=removed if goes else added,
        kept=kept,
        changed=changed,
        orphans=orphans,
        also=("added", added) if goes else ("removed", removed),
    )


def _only(scores: Scores, others: Scores) -> dict[str, tuple[int, int, str]]:
    return {
        score_id: (score.source_import_id, score.chart_id, score.gpt)
        for score_id, score in scores.items()
        if score_id not in others
    }


def _says(score: Score) -> tuple[Any, ...]:
    return score.time_achieved, score.comment, score.score_data, score.score_meta
