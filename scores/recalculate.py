"""The only writer of what follows from the facts.

Whoever edits facts (an import, a revert, a restore, a deletion, an edit, a withdrawn
class) tells `recalculate` what was touched, in the same transaction and under the
user's lock (`scores.locks`). Nothing derived is incremented, marked or put off.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scores import game_stats, personal_bests, rows, sessions
from scores.game_stats import Profile
from scores.models import Chart
from scores.rows import ScoreRow


@dataclass
class Touched:
    """What a change of one user's facts may have changed, by game and playtype.

    `charts` (primary keys) and `times` (unix milliseconds) are those of the scores
    that came, went or changed; `known` are charts that need not be read again.
    """

    user_id: int
    charts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    times: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    profiles: set[str] = field(default_factory=set)
    known: dict[int, Chart] = field(default_factory=dict)

    def score(self, gpt: str, chart: int, time_achieved: int | None) -> None:
        """A score on this chart came, went or changed."""
        self.profiles.add(gpt)
        self.charts[gpt].add(chart)
        if time_achieved is not None:
            self.times[gpt].add(time_achieved)

    def rows(self, adding: Iterable[ScoreRow]) -> None:
        """These scores are to come."""
        for row in adding:
            self.score(row.gpt, row.chart.pk, row.time_achieved)
            self.known[row.chart.pk] = row.chart


def recalculate(
    touched: Touched, adding: Sequence[ScoreRow] = ()
) -> dict[str, tuple[Profile, Profile]]:
    """Bring sessions, bests and stats up to date; returns profiles before and after.

    `adding` are new scores, inserted here so that each is written once, in its session.
    To be called inside `scores.locks.only_change_of(touched.user_id)`.
    """
    touched.rows(adding)
    user_id = touched.user_id
    for gpt, times in touched.times.items():
        sessions.resession(user_id, gpt, times, adding)
    for gpt, charts in touched.charts.items():
        personal_bests.rebuild(user_id, gpt, charts, adding, touched.known)
    if adding:
        rows.insert(list(adding))
    return {gpt: game_stats.refresh(user_id, gpt) for gpt in sorted(touched.profiles)}
