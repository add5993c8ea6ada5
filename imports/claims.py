"""Which imports vouch for a score, and which of them it belongs to.

A score belongs to the first live import that sent it (lowest sequence of the user):
that one's word is the row in `Score`. Every later import that sent it keeps a claim in
its `resent`: score primary key → its place in the import, or an object with the place
and what it said differently from the owner. `docs/architecture.md` has the picture.

Everything here runs under the user's lock and edits facts only; the caller
recalculates what `Touched` collected.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F

from imports.models import Import, State
from scores.bulk import chunks
from scores.derivation import derived
from scores.games import get_game
from scores.models import Chart, Score, ScoreBlock, ScoreDeletion
from scores.recalculate import Touched
from scores.rows import ScoreRow

SAID = (
    "service",
    "import_type",
    "time_achieved",
    "comment",
    "score_data",
    "score_meta",
)
Said = dict[str, Any]
Resent = int | dict[str, Any]


class Holder(NamedTuple):
    """An import with a claim on a score, and what it said. Ordered by sequence."""

    sequence: int
    import_pk: int
    said: Said


@dataclass
class Made:
    """What became of an import's claims: rows to insert, claims held by others."""

    adding: list[ScoreRow] = field(default_factory=list)
    held: int = 0
    blocked: int = 0


def processed_at(import_: Import) -> int:
    """When an import took effect, in unix milliseconds: its scores' `timeAdded`."""
    return round(import_.finished_at.timestamp() * 1000)


def said(row: ScoreRow | Score) -> Said:
    """What an import said of a score, apart from what makes it the same score."""
    return {
        "position": row.position,
        "time_added": row.time_added,
        **{name: getattr(row, name) for name in SAID},
    }


def encode(owner: Said, other: Said, processed: int) -> Resent:
    """The claim `other` as `resent` keeps it, beside the owner's word."""
    differing: dict[str, Any] = {
        name: other[name] for name in SAID if other[name] != owner[name]
    }
    if other["time_added"] != processed:
        differing["time_added"] = other["time_added"]
    return (
        {"position": other["position"], **differing} if differing else other["position"]
    )


def decode(owner: Said, resent: Resent, processed: int) -> Said:
    """What a claim in `resent` said in full."""
    differing = {"position": resent} if isinstance(resent, int) else resent
    return {**owner, "time_added": processed, **differing}


def make(import_: Import, rows: Sequence[ScoreRow], touched: Touched) -> Made:
    """Claim these scores for an import, at its sequence; the first of equals counts.

    A score that an earlier import owns stays with it; one that a later import owns
    comes over. Blocked scores, and those whose owner withdrew every claim up to this
    sequence, are left out.
    """
    made = Made()
    refused = _refused(import_)
    wanted: dict[str, ScoreRow] = {}
    for row in rows:
        if row.score_id in refused:
            made.blocked += 1
        elif row.score_id in wanted:
            made.held += 1
        else:
            wanted[row.score_id] = row
    stored = _stored(wanted)
    late = [score for score in stored if score.sequence > import_.sequence]
    for score in stored:
        row = wanted.pop(score.score_id)
        if score.sequence < import_.sequence:
            made.held += 1
            import_.resent[str(score.pk)] = encode(
                said(score), said(row), processed_at(import_)
            )
        elif score.sequence > import_.sequence:
            row.pk = score.pk
            made.adding.append(row)
    _hand_back(import_, late, {row.pk: row for row in made.adding}, touched)
    made.adding.extend(wanted.values())
    return made


def _refused(import_: Import) -> set[str]:
    """The score ids that the user does not want from this import."""
    of_user = {"user": import_.user_id}
    blocked = ScoreBlock.objects.filter(**of_user)
    withdrawn = ScoreDeletion.objects.filter(
        **of_user, up_to_sequence__gte=import_.sequence
    )
    return {
        *blocked.values_list("score_id", flat=True),
        *withdrawn.values_list("score_id", flat=True),
    }


def _stored(score_ids: Iterable[str]) -> list[Score]:
    """The stored scores with these ids; each has its owner's `sequence`."""
    owners = Score.objects.annotate(sequence=F("source_import__sequence"))
    return [
        score
        for chunk in chunks(score_ids)
        for score in owners.filter(score_id__in=chunk)
    ]


def _hand_back(
    import_: Import, scores: list[Score], rows: Mapping[int, ScoreRow], touched: Touched
) -> None:
    """Take scores over from later imports, whose word becomes a claim beside ours."""
    if not scores:
        return
    held = holders(scores, import_.user_id, import_.game)
    claims = {
        score.pk: [Holder(import_.sequence, import_.pk, said(rows[score.pk])), *others]
        for score in scores
        for others in [held[score.pk]]
    }
    settle(claims, held)
    _remove(scores, touched)


def claimed(user_id: int, game: str) -> set[int]:
    """The primary keys of scores that live imports claim beside their owners."""
    return {int(pk) for import_ in _with_claims(user_id, game) for pk in import_.resent}


def holders(
    scores: Sequence[Score], user_id: int, game: str
) -> dict[int, list[Holder]]:
    """Every live claim on these stored scores, by score, the owner's first.

    Each score has its owner's `sequence`.
    """
    if not scores:
        return {}
    found = {
        score.pk: [Holder(score.sequence, score.source_import_id, said(score))]
        for score in scores
    }
    for import_ in _with_claims(user_id, game):
        processed = processed_at(import_)
        for pk in found.keys() & {int(key) for key in import_.resent}:
            owner = found[pk][0].said
            word = decode(owner, import_.resent[str(pk)], processed)
            found[pk].append(Holder(import_.sequence, import_.pk, word))
    return found


def _with_claims(user_id: int, game: str) -> list[Import]:
    return list(
        Import.objects.filter(user=user_id, game=game, state=State.COMPLETED)
        .exclude(resent={})
        .order_by("sequence")
        .only("pk", "sequence", "resent", "finished_at")
    )


def settle(
    claims: Mapping[int, list[Holder]], before: Mapping[int, list[Holder]]
) -> None:
    """Write the `resent` of every import, now that these are the claims by score.

    The first holder of each score is its owner; `before` are the claims as they were.
    """
    if not before:
        return
    changes: dict[int, dict[str, Resent | None]] = defaultdict(dict)
    for pk, held in before.items():
        for holder in held[1:]:
            changes[holder.import_pk][str(pk)] = None
    imports = Import.objects.in_bulk(
        {holder.import_pk for held in claims.values() for holder in held[1:]}
        | changes.keys()
    )
    for pk, held in claims.items():
        for holder in held[1:]:
            import_ = imports[holder.import_pk]
            changes[import_.pk][str(pk)] = encode(
                held[0].said, holder.said, processed_at(import_)
            )
    for import_pk, changed in changes.items():
        resent = {**imports[import_pk].resent, **changed}
        imports[import_pk].resent = {
            key: value for key, value in resent.items() if value is not None
        }
    Import.objects.bulk_update(imports.values(), ["resent"], batch_size=100)


def row_of(score: Score, chart: Chart, holder: Holder) -> ScoreRow:
    """The stored score as the row of another holder, under the same primary key."""
    score_data, ratings = derived(get_game(score.gpt), holder.said["score_data"], chart)
    return ScoreRow(
        pk=score.pk,
        score_id=score.score_id,
        user_id=score.user_id,
        chart=chart,
        gpt=score.gpt,
        source_import_id=holder.import_pk,
        sequence=holder.sequence,
        ratings=ratings,
        **{**holder.said, "score_data": score_data},
    )


def _remove(scores: Iterable[Score], touched: Touched) -> None:
    """Take scores out of the database; what follows from them is for the caller."""
    pks = []
    for score in scores:
        touched.score(score.gpt, score.chart_id, score.time_achieved)
        pks.append(score.pk)
    for chunk in chunks(pks):
        Score.objects.filter(pk__in=chunk).delete()
