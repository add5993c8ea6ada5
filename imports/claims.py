"""Which imports vouch for a score, and which of them it belongs to.

A score belongs to the first live import that sent it (lowest sequence of the user):
that one's word is the row in `Score`. Every later import that sent it keeps a claim in
its `resent`: score primary key → its place in the import, or an object with the place
and what it said differently from the owner. `docs/architecture.md` has the picture.

Everything here runs under the user's lock and edits facts only; the caller
recalculates what `Touched` collected.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Q

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
AT_ONCE = 20  # imports with their claims
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
            claim = encode(said(score), said(row), processed_at(import_))
            # Rows that were orphans come later, and the first of equals counts.
            import_.resent.setdefault(str(score.pk), claim)
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
    before = {str(score.pk): said(score) for score in scores}
    after = {str(score.pk): said(rows[score.pk]) for score in scores}
    anew = {key: word for key, word in after.items() if _differ(word, before[key])}
    owned = defaultdict(list)
    for score in scores:
        owned[score.source_import_id].append(str(score.pk))
    changed = []
    for other in _with_claims(import_, owned):
        claims = {
            **_retold(other, before, anew),
            **{
                key: encode(after[key], before[key], processed_at(other))
                for key in owned[other.pk]
            },
        }
        if claims:
            other.resent.update(claims)
            changed.append(other)
    _save(changed)
    _remove(scores, touched)


def hand_on(import_: Import, scores: Iterable[Score]) -> dict[int, Holder]:
    """Give scores that an import owns to the next that claim them.

    Returns the new owner of each, by the score's primary key.
    """
    before = {str(score.pk): said(score) for score in scores}
    anew: dict[str, Said] = {}
    owners: dict[int, Holder] = {}
    waiting = set(before)
    changed = []
    for other in _with_claims(import_):
        claims = _retold(other, before, anew)
        processed = processed_at(other)
        coming = waiting & other.resent.keys()
        for key in coming:
            word = decode(before[key], other.resent.pop(key), processed)
            owners[int(key)] = Holder(other.sequence, other.pk, word)
            if _differ(word, before[key]):
                anew[key] = word
        waiting -= coming
        if claims or coming:
            other.resent.update(claims)
            changed.append(other)
    _save(changed)
    return owners


def claimed(import_: Import) -> set[int]:
    """The primary keys of scores that the player's live imports claim beside others."""
    return {int(pk) for other in _with_claims(import_) for pk in other.resent}


def _differ(one: Said, other: Said) -> bool:
    """Whether a claim beside the one would be written otherwise beside the other."""
    return any(one[name] != other[name] for name in SAID)


def _retold(
    other: Import, before: Mapping[str, Said], anew: Mapping[str, Said]
) -> dict[str, Resent]:
    """An import's claims on scores whose owner's word was `before` and now is `anew`.

    Players send the same thousands of scores every day: a new owner nearly always says
    what the old one said, and then its score is not among these.
    """
    processed = processed_at(other)
    return {
        key: encode(
            anew[key], decode(before[key], other.resent[key], processed), processed
        )
        for key in anew.keys() & other.resent.keys()
    }


def _with_claims(import_: Import, owners: Iterable[int] = ()) -> Iterator[Import]:
    """The live imports of the same player and game that have claims, or are `owners`.

    In order, and a few at a time: together, their claims may be millions.
    """
    imports = Import.objects.filter(
        ~Q(resent={}) | Q(pk__in=owners),
        user=import_.user_id,
        game=import_.game,
        state=State.COMPLETED,
    )
    found = imports.order_by("sequence").only("sequence", "resent", "finished_at")
    return found.iterator(chunk_size=AT_ONCE)


def _save(imports: list[Import]) -> None:
    Import.objects.bulk_update(imports, ["resent"], batch_size=100)


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
