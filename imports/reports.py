"""What imports reported about a score, and how later claims encode their reports."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from imports.composition import FILLABLE, Composition, Reported
from imports.models import Import
from scores.models import Score
from scores.score_rows import ReportedScore
from tachi.api.times import milliseconds

#: What may differ between claims on the same score. The rest of the score data is its
#: identity, or follows from it.
REPORTED_FIELDS = ("service", "import_type", *FILLABLE)
OF_SCORE_DATA = ("judgements", "optional")
#: A later claim: its position, or an object with the position and what differs.
LaterClaim = int | dict[str, Any]


class Claim(NamedTuple):
    """A score that an import claims; `time_added` is in unix milliseconds."""

    score: ReportedScore
    time_added: int


def processed_at(import_: Import) -> int:
    """When an import took effect, in unix milliseconds: its scores' `timeAdded`."""
    assert import_.finished_at is not None  # it took effect
    return milliseconds(import_.finished_at)


def sequence_of(import_: Import) -> int:
    """The place of an import that takes effect, or took it, among its player's."""
    assert import_.sequence is not None  # the constraint `done_import_has_sequence`
    return import_.sequence


def sent_at(import_: Import) -> int:
    """The sequence since which deletions count for an import: its own, or of what it
    was sent as, if it was run again.
    """
    return import_.sent_sequence or sequence_of(import_)


def reported(score: ReportedScore | Score, time_added: int) -> Reported:
    """What an import reported about a score, apart from its identity (the score id)."""
    data = score.score_data
    return {
        "position": score.position,
        "time_added": time_added,
        "service": score.service,
        "import_type": score.import_type,
        "time_achieved": score.time_achieved,
        "comment": score.comment,
        "judgements": data["judgements"],
        "optional": data["optional"],
        "score_meta": score.score_meta,
    }


def reported_by_owner(score: Score) -> Reported:
    """What the import that owns a stored score reported itself."""
    shown = reported(score, score.time_added)
    return {**shown, **score.own} if score.own else shown


def composition_of(score: Score) -> Composition:
    """What a stored score says."""
    shown = reported(score, score.time_added)
    return Composition(shown, score.timed_by, score.timed_at)


def with_report(score_data: Mapping[str, Any], report: Reported) -> dict[str, Any]:
    """Score data of the same identity, with what a report says of it."""
    return {**score_data, **{name: report[name] for name in OF_SCORE_DATA}}


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


def may_fill(claim: LaterClaim) -> bool:
    """Whether a later claim says anything fillable otherwise than the owner itself."""
    return not isinstance(claim, int) and any(name in claim for name in FILLABLE)
