"""Recalculating: the only way to bring derived rows up to date with the facts.

Whatever edits facts (an import, a revert, a restore, a deletion, an edit, a withdrawn
class) passes to `recalculate` what it touched, in the same transaction and under the
user's lock (`scores.locks`). Nothing derived is ever incremented or decremented.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scores import score_rows
from scores.derived import game_stats, personal_bests, sessions
from scores.derived.game_stats import Profile
from scores.models import Chart
from scores.score_rows import ScoreRow

#: Game and playtype → the player's profile before and after.
Profiles = dict[str, tuple[Profile, Profile]]


@dataclass
class Touched:
    """What a change of one user's facts may affect, by game and playtype.

    `charts` (primary keys) and `times` (unix milliseconds) are those of scores that
    were inserted, deleted or changed; `known` are charts that need not be read again.
    """

    user_id: int
    charts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    times: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    profiles: set[str] = field(default_factory=set)
    known: dict[int, Chart] = field(default_factory=dict)

    def score(self, gpt: str, chart: int, time_achieved: int | None) -> None:
        """A score on this chart is inserted, deleted or changed."""
        self.profiles.add(gpt)
        self.charts[gpt].add(chart)
        if time_achieved is not None:
            self.times[gpt].add(time_achieved)

    def also(self, other: "Touched") -> None:
        """What is touched by another change of the same user."""
        self.profiles |= other.profiles
        for mine, theirs in ((self.charts, other.charts), (self.times, other.times)):
            for gpt, some in theirs.items():
                mine[gpt] |= some

    def rows(self, new_rows: Iterable[ScoreRow]) -> None:
        """These scores are to be inserted."""
        for row in new_rows:
            self.score(row.gpt, row.chart.pk, row.time_achieved)
            self.known[row.chart.pk] = row.chart


def recalculate(touched: Touched) -> Profiles:
    """Bring sessions, bests and stats up to date; the profiles before and after.

    The caller holds the lock `scores.locks.only_change_of(touched.user_id)`.
    """
    return insert_and_recalculate(touched, ())


def insert_and_recalculate(touched: Touched, new_rows: Sequence[ScoreRow]) -> Profiles:
    """The same, with new scores: they are inserted here.

    A score row holds its session, so sessions are calculated first and each score is
    written once. Inserting first and updating afterwards would write each twice.
    """
    touched.rows(new_rows)
    user_id = touched.user_id
    session_of: dict[str, int] = {}
    for gpt, times in touched.times.items():
        session_of |= sessions.refresh(user_id, gpt, times, new_rows)
    for gpt, charts in touched.charts.items():
        personal_bests.refresh(user_id, gpt, charts, new_rows, touched.known)
    if new_rows:
        score_rows.insert(new_rows, session_of)
    return {gpt: game_stats.refresh(user_id, gpt) for gpt in sorted(touched.profiles)}
