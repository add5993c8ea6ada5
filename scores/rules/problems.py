"""What is wrong with a score: a code to test by, and a sentence to show."""

from typing import NamedTuple


class Problem(NamedTuple):
    code: str
    text: str


def judged(score_data: dict, *names: str) -> int:
    """The sum of these judgements; a missing or null one counts nothing."""
    judgements = score_data["judgements"]
    return sum(judgements.get(name) or 0 for name in names)


def all_judged(score_data: dict, *names: str) -> list[int] | None:
    """The counts of these judgements, or None where one of them is missing or null."""
    judgements = score_data["judgements"]
    counts = [judgements.get(name) for name in names]
    return None if None in counts else counts
