"""Which imports claim a score, and which of them owns it.

A score is owned by the first live import that sent it (lowest sequence of the user);
the Score row holds what that import reported. Every later import that sent it keeps a
claim in its `later_claims`: score primary key → its position in the import, or an
object with the position and what it reported differently from the owner.
`docs/architecture.md` has the picture.

Everything here runs under the user's lock and edits facts only; the caller
recalculates what `Touched` collected.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from imports.models import Import, State
from imports.reports import (
    REPORTED_FIELDS,
    LaterClaim,
    Reported,
    decode,
    encode,
    processed_at,
    reported,
    reported_by_owner,
    sequence_of,
)
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.derived.rerate import derive_score
from scores.edits import highlight
from scores.games import get_game
from scores.models import Chart, Score, ScoreBlock, ScoreDeletion
from scores.models.fields import hashed
from scores.score_rows import ReportedScore, ScoreRow
from tachi.prepared import Prepared

SCORE = [field.attname for field in Score._meta.concrete_fields]
BATCH_SIZE = 20  # imports that are in memory together, each with all its later claims


class Holder(NamedTuple):
    """An import with a claim on a score, and its report. Ordered by sequence."""

    sequence: int
    import_pk: int
    reported: Reported


class Held(NamedTuple):
    """A row whose score was known: what it says otherwise, and what it filled.

    Names as in the score's document: `timeAchieved`, `comment`, `scoreMeta.KEY`,
    `scoreData.optional.NAME`, `scoreData.judgements`.
    """

    differs: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


@dataclass
class Claimed:
    """What became of an import's claims: rows for the caller to insert, and by their
    position those whose scores were known already, or are blocked.
    """

    new_rows: list[ScoreRow] = field(default_factory=list)
    held: dict[int, Held] = field(default_factory=dict)
    blocked: list[int] = field(default_factory=list)


class Claim(NamedTuple):
    """A score that an import claims; `time_added` is in unix milliseconds."""

    score: ReportedScore
    time_added: int


def make(
    import_: Import,
    claims: Iterable[Claim],
    touched: Touched,
    *,
    has_refused: bool = True,
) -> Claimed:
    """Claim scores for an import, at its sequence; the first of duplicates counts.

    A score that an earlier import owns stays with that one, and the claim is kept in
    `later_claims` (which the caller saves). A score that a later import owns is taken
    over. Scores that the player blocked, or deleted after this import, are left out;
    without `has_refused` the caller knows, under the lock, that there are none.
    """
    claimed = Claimed()
    sequence = sequence_of(import_)
    refused = _refused(import_) if has_refused else set()
    wanted: dict[str, Claim] = {}
    for claim in claims:
        if claim.score.score_id in refused:
            claimed.blocked.append(claim.score.position)
        elif claim.score.score_id in wanted:
            claimed.held[claim.score.position] = Held()
        else:
            wanted[claim.score.score_id] = claim
    _highlight(wanted, touched)
    taken_over: dict[Score, Claim] = {}
    for stored, owners_sequence in _stored(wanted):
        if owners_sequence > sequence:
            taken_over[stored] = wanted.pop(stored.score_id)
        elif owners_sequence < sequence:
            claim = wanted.pop(stored.score_id)
            claimed.held[claim.score.position] = Held()
            _add_later_claim(import_, stored, claim)
        else:  # its own score: a row that was an orphan repeats it
            claimed.held[wanted.pop(stored.score_id).score.position] = Held()
    _take_over(import_, taken_over, touched)
    claimed.new_rows = [
        *(_row(import_, sequence, each, old.pk) for old, each in taken_over.items()),
        *(_row(import_, sequence, each) for each in wanted.values()),
    ]
    return claimed


def _highlight(wanted: Mapping[str, Claim], touched: Touched) -> None:
    """Mark what this import sent as a highlight, whoever owns it."""
    marked = [claim.score for claim in wanted.values() if claim.score.highlight]
    if marked:
        highlight(touched.user_id, marked, touched)


def _row(
    import_: Import, sequence: int, claim: Claim, pk: int | None = None
) -> ScoreRow:
    return claim.score.owned_by(
        import_.pk, sequence=sequence, time_added=claim.time_added, pk=pk
    )


def _add_later_claim(import_: Import, stored: Score, claim: Claim) -> None:
    """Keep a claim on a score that an earlier import owns."""
    report = reported(claim.score, claim.time_added)
    encoded = encode(reported_by_owner(stored), report, processed_at(import_))
    # A row that was an orphan may repeat a claim of its import: the first one counts.
    import_.later_claims.setdefault(str(stored.pk), encoded)


def _refused(import_: Import) -> set[str]:
    """The score ids that the player blocked, or deleted after this import."""
    of_user = {"user": import_.user_id}
    blocked = ScoreBlock.objects.filter(**of_user)
    withdrawn = ScoreDeletion.objects.filter(
        **of_user, up_to_sequence__gte=import_.sequence
    )
    ids = blocked.values_list("score_id", flat=True)
    return set(ids.union(withdrawn.values_list("score_id", flat=True)))


def _stored(score_ids: Iterable[str]) -> list[tuple[Score, int]]:
    """The stored scores with these ids, each with the sequence of its owner."""
    return [
        (Score.from_db("default", SCORE, values), sequence)
        for chunk in chunks(score_ids)
        for *values, sequence in _with_sequence(hashed(chunk))
    ]


@Prepared
def _with_sequence(hashes: list[bytes]) -> QuerySet[Score, tuple[Any, ...]]:
    columns = (*SCORE, "source_import__sequence")
    return Score.objects.filter(score_id__in=hashes).values_list(*columns)


def _take_over(
    import_: Import, taken_over: Mapping[Score, Claim], touched: Touched
) -> None:
    """Take scores from later imports, whose reports become later claims."""
    if not taken_over:
        return
    old_reports: dict[str, Reported] = {}
    all_reports: dict[str, Reported] = {}
    owned = defaultdict(list)
    for score, claim in taken_over.items():
        key = str(score.pk)
        old_reports[key] = reported_by_owner(score)
        all_reports[key] = reported(claim.score, claim.time_added)
        owned[score.source_import_id].append(key)
    new_reports = {
        key: report
        for key, report in all_reports.items()
        if _differ(report, old_reports[key])
    }
    changed = []
    for other in _with_claims(import_, owned):
        claims = {
            **_reencoded_claims(other, old_reports, new_reports),
            **{
                key: encode(all_reports[key], old_reports[key], processed_at(other))
                for key in owned[other.pk]
            },
        }
        if claims:
            other.later_claims.update(claims)
            changed.append(other)
    _save(changed)
    _remove(taken_over, touched)


def hand_on(import_: Import, scores: Iterable[Score]) -> dict[int, Holder]:
    """Give scores that an import owns to the next import that claims them.

    Returns the new owners by the score's primary key.
    """
    old_reports = {str(score.pk): reported_by_owner(score) for score in scores}
    new_reports: dict[str, Reported] = {}
    owners: dict[int, Holder] = {}
    waiting = set(old_reports)
    changed = []
    for other in _with_claims(import_):
        claims = _reencoded_claims(other, old_reports, new_reports)
        processed, sequence = processed_at(other), sequence_of(other)
        coming = waiting & other.later_claims.keys()
        for key in coming:
            report = decode(old_reports[key], other.later_claims.pop(key), processed)
            owners[int(key)] = Holder(sequence, other.pk, report)
            if _differ(report, old_reports[key]):
                new_reports[key] = report
        waiting -= coming
        if claims or coming:
            other.later_claims.update(claims)
            changed.append(other)
    _save(changed)
    return owners


def claimed_later(import_: Import) -> set[int]:
    """The scores (primary keys) on which the player's imports have later claims."""
    return {int(pk) for other in _with_claims(import_) for pk in other.later_claims}


def _differ(one: Reported, other: Reported) -> bool:
    """Whether a later claim is encoded differently against the one and the other."""
    return any(one[name] != other[name] for name in REPORTED_FIELDS)


def _reencoded_claims(
    other: Import, old_reports: Mapping[str, Reported], new_reports: Mapping[str, Any]
) -> dict[str, LaterClaim]:
    """An import's claims on scores whose owner's report changed, encoded against that.

    `new_reports` holds only reports that differ from the old ones. Players send the
    same thousands of scores every day, so a new owner nearly always reports the same.
    """
    processed = processed_at(other)
    return {
        key: encode(
            new_reports[key],
            decode(old_reports[key], other.later_claims[key], processed),
            processed,
        )
        for key in new_reports.keys() & other.later_claims.keys()
    }


def _with_claims(import_: Import, owners: Iterable[int] = ()) -> Iterator[Import]:
    """The live imports of the same player and game that have later claims, or are
    `owners`: in order, and read in batches, because they may hold millions of claims.
    """
    imports = Import.objects.filter(
        ~Q(later_claims={}) | Q(pk__in=owners),
        user=import_.user_id,
        game=import_.game,
        state=State.COMPLETED,
    )
    found = imports.order_by("sequence").only("sequence", "later_claims", "finished_at")
    return found.iterator(chunk_size=BATCH_SIZE)


def _save(imports: Sequence[Import]) -> None:
    Import.objects.bulk_update(imports, ["later_claims"], batch_size=100)


def row_of(score: Score, chart: Chart, holder: Holder) -> ScoreRow:
    """The row of a stored score for its new owner, under the same primary key."""
    report = holder.reported
    game = get_game(score.gpt)
    score_data, ratings = derive_score(game, report["score_data"], chart)
    return ScoreRow(
        pk=score.pk,
        score_id=score.score_id,
        user_id=score.user_id,
        chart=chart,
        gpt=score.gpt,
        source_import_id=holder.import_pk,
        sequence=holder.sequence,
        ratings=ratings,
        **{**report, "score_data": score_data},
    )


def _remove(scores: Iterable[Score], touched: Touched) -> None:
    """Delete scores and note what that touches; recalculating is up to the caller."""
    pks = []
    for score in scores:
        touched.score(score.gpt, score.chart_id, score.time_achieved)
        pks.append(score.pk)
    for chunk in chunks(pks):
        Score.objects.filter(pk__in=chunk).delete()
