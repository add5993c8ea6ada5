"""Lamps that rule out judgements: no miss in a full combo."""

from collections.abc import Mapping

from scores.rules.problems import Problem
from scores.rules.score_data import ScoreData, find, judged

#: By lamp: the judgements that it rules out, and how a play with one is refused.
Forbidden = Mapping[str, tuple[tuple[str, ...], Problem]]


def forbidden_judgements(
    forbidden: Forbidden, score_data: ScoreData, metric: str
) -> Problem | None:
    """What the lamp in this metric rules out; a missing judgement counts nothing."""
    ruled_out = find(forbidden, score_data, metric)
    if ruled_out is None:
        return None
    judgements, problem = ruled_out
    return problem if judged(score_data, *judgements) else None
