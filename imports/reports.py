"""What imports reported about a score, and how later claims encode their reports."""

from typing import Any

from imports.models import Import
from scores.models import Score
from scores.score_rows import ReportedScore
from tachi.api.times import milliseconds

REPORTED_FIELDS = (
    "service",
    "import_type",
    "time_achieved",
    "comment",
    "score_data",
    "score_meta",
)
#: The reported fields by name, with `position` and `time_added`.
Reported = dict[str, Any]
#: A later claim: its position, or an object with the position and what differs.
LaterClaim = int | dict[str, Any]


def processed_at(import_: Import) -> int:
    """When an import took effect, in unix milliseconds: its scores' `timeAdded`."""
    assert import_.finished_at is not None  # it took effect
    return milliseconds(import_.finished_at)


def sequence_of(import_: Import) -> int:
    """The place of an import that takes effect, or took it, among its player's."""
    assert import_.sequence is not None  # the constraint `done_import_has_sequence`
    return import_.sequence


def reported(score: ReportedScore | Score, time_added: int) -> Reported:
    """What an import reported about a score, apart from its identity (the score id)."""
    return {
        "position": score.position,
        "time_added": time_added,
        **{name: getattr(score, name) for name in REPORTED_FIELDS},
    }


def reported_by_owner(score: Score) -> Reported:
    """What the import that owns a stored score reported."""
    return reported(score, score.time_added)


def encode(owner: Reported, other: Reported, processed: int) -> LaterClaim:
    """The later claim `other`, as what it reports differently from the owner.

    `processed` is when the claim's import took effect, in unix milliseconds.
    """
    differing: dict[str, Any] = {
        name: other[name] for name in REPORTED_FIELDS if other[name] != owner[name]
    }
    if other["time_added"] != processed:
        differing["time_added"] = other["time_added"]
    return (
        {"position": other["position"], **differing} if differing else other["position"]
    )


def decode(owner: Reported, claim: LaterClaim, processed: int) -> Reported:
    """The full report of a later claim; the inverse of `encode`."""
    differing = {"position": claim} if isinstance(claim, int) else claim
    return {**owner, "time_added": processed, **differing}
