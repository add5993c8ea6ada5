"""Which imports claim a score, and which of them owns it.

A score is owned by the first live import that sent it (lowest sequence of the user).
Every later import that sent it keeps a claim in its `later_claims`: score primary key →
its position in the import, or an object with the position and what it reported
differently from the owner. The Score row says what all claims say together
(`imports.composition`), and keeps the owner's own word apart where that is something
else. `docs/architecture.md` has the picture.

Everything here runs under the user's lock and edits facts only; the caller
recalculates what `Touched` collected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from imports import later_claims
from imports.composition import Composition, Held, Reported, compare, says_more
from imports.hand_overs import Holder, changed_by, remove, row_of, take_over
from imports.models import Import
from imports.reports import (
    Claim,
    composition_of,
    encode,
    may_fill,
    processed_at,
    reported,
    reported_by_owner,
    sent_at,
    sequence_of,
)
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched
from scores.edits import highlight
from scores.models import Score, ScoreBlock, ScoreDeletion
from scores.models.fields import hashed
from scores.score_rows import ScoreRow
from tachi.prepared import Prepared

SCORE = [field.attname for field in Score._meta.concrete_fields]


@dataclass
class Claimed:
    """What became of an import's claims.

    Rows for the caller to insert: `new_rows` of scores that are the import's now, and
    `changed_rows` of other imports' scores that say more or something else by these
    claims. By their position, those whose scores were known already, or are blocked.
    """

    new_rows: list[ScoreRow] = field(default_factory=list)
    changed_rows: list[ScoreRow] = field(default_factory=list)
    held: dict[int, Held] = field(default_factory=dict)
    blocked: list[int] = field(default_factory=list)

    @property
    def rows(self) -> list[ScoreRow]:
        return [*self.new_rows, *self.changed_rows]


class Known(NamedTuple):
    """A claim on a stored score that this import, or an earlier one, owns."""

    stored: Score
    owners_sequence: int
    claim: Claim

    @property
    def key(self) -> str:
        """Of the score, in `later_claims`."""
        return str(self.stored.pk)

    @property
    def position(self) -> int:
        return self.claim.score.position

    @property
    def report(self) -> Reported:
        return reported(self.claim.score, self.claim.time_added)

    @property
    def owner(self) -> Holder:
        of_import, own = self.stored.source_import_id, reported_by_owner(self.stored)
        return Holder(self.owners_sequence, of_import, own)


def make(
    import_: Import,
    claims: Iterable[Claim],
    touched: Touched,
    *,
    has_refused: bool = True,
    is_newest: bool = False,
) -> Claimed:
    """Claim scores for an import, at its sequence; the first of duplicates counts.

    A score that an earlier import owns stays with that one, and the claim is kept in
    `later_claims` (which the caller saves); it fills what the score lacks. A score that
    a later import owns is taken over. Scores that the player blocked, or deleted after
    this import, are left out.

    Without `has_refused` the caller knows, under the lock, that there are none of
    these, and with `is_newest` that no live import comes after this one.
    """
    claimed = Claimed()
    sequence = sequence_of(import_)
    refused = _refused(import_) if has_refused else set()
    wanted: dict[str, Claim] = {}
    repeats: list[Claim] = []
    for claim in claims:
        if claim.score.score_id in refused:
            claimed.blocked.append(claim.score.position)
        elif claim.score.score_id in wanted:
            repeats.append(claim)
        else:
            wanted[claim.score.score_id] = claim
    _highlight(wanted, touched)
    new = dict(wanted)
    taken_over: dict[Score, Claim] = {}
    known: list[Known] = []
    for stored, owners_sequence in stored_now(wanted):
        claim = new.pop(stored.score_id)
        if owners_sequence > sequence:
            taken_over[stored] = claim
        else:
            known.append(Known(stored, owners_sequence, claim))
    claimed.new_rows = [
        *take_over(import_, taken_over, touched),
        *(_row(import_, sequence, each) for each in new.values()),
    ]
    _add_later_claims(import_, known, claimed, touched, is_newest=is_newest)
    _compare_repeats(repeats, known, claimed)
    return claimed


def _highlight(wanted: Mapping[str, Claim], touched: Touched) -> None:
    """Mark what this import sent as a highlight, whoever owns it."""
    marked = [claim.score for claim in wanted.values() if claim.score.highlight]
    if marked:
        highlight(touched.user_id, marked, touched)


def _row(import_: Import, sequence: int, claim: Claim) -> ScoreRow:
    return claim.score.owned_by(
        import_.pk, sequence=sequence, time_added=claim.time_added
    )


def _add_later_claims(
    import_: Import,
    known: Iterable[Known],
    claimed: Claimed,
    touched: Touched,
    *,
    is_newest: bool,
) -> None:
    """Keep claims on scores that are owned already, and fill what those lack."""
    changed: dict[Score, tuple[Known, Composition]] = {}
    between: dict[str, Known] = {}
    for each in known:
        held = Held()
        if not _keep(import_, each):
            held = _repeated(each.stored, each.claim)
        elif not may_fill(import_.later_claims[each.key]):
            pass  # it says what the owner says
        elif is_newest:
            composition = composition_of(each.stored)
            held = composition.add(each.report, sequence_of(import_))
            if held.filled:
                changed[each.stored] = each, composition
        elif says_more(each.owner.reported, each.report):
            between[each.key] = each
        else:
            held = compare(each.owner.reported, each.report)
        claimed.held[each.position] = held
    changed |= _fill_between(import_, between, claimed)
    remove(changed, touched)
    claimed.changed_rows = [
        row_of(stored.pk, stored, each.claim.score.chart, each.owner, composition)
        for stored, (each, composition) in changed.items()
    ]


def _keep(import_: Import, known: Known) -> bool:
    """Keep a later claim on a score; False where the import has one on it already.

    A row that was an orphan may repeat a claim of its import: the first one counts.
    """
    if known.owners_sequence == import_.sequence or known.key in import_.later_claims:
        return False
    encoded = encode(known.owner.reported, known.report, processed_at(import_))
    import_.later_claims[known.key] = encoded
    return True


def _fill_between(
    import_: Import, between: Mapping[str, Known], claimed: Claimed
) -> dict[Score, tuple[Known, Composition]]:
    """Compose scores that later imports than this one may claim, too.

    Returns those that say something else.
    """
    if not between:
        return {}
    owners = {key: each.owner.reported for key, each in between.items()}
    compositions = {key: Composition(report) for key, report in owners.items()}
    for other in later_claims.among(import_, later_claims.with_claims(import_)):
        told = later_claims.fill(compositions, owners, other)
        if other is import_:
            claimed.held |= {between[key].position: held for key, held in told.items()}
    changed = changed_by({key: k.stored for key, k in between.items()}, compositions)
    return {
        each.stored: (each, changed[each.stored])
        for each in between.values()
        if each.stored in changed
    }


def _compare_repeats(
    repeats: Iterable[Claim], known: Iterable[Known], claimed: Claimed
) -> None:
    """Rows that repeat another of their own import claim nothing, and fill nothing."""
    if not repeats:
        return
    says: dict[str, Score | ScoreRow] = {k.stored.score_id: k.stored for k in known}
    says |= {row.score_id: row for row in claimed.rows}
    for claim in repeats:
        held = _repeated(says[claim.score.score_id], claim)
        claimed.held[claim.score.position] = held


def _repeated(now: Score | ScoreRow, claim: Claim) -> Held:
    said = reported(now, now.time_added)
    return compare(said, reported(claim.score, claim.time_added))._replace(filled=())


def _refused(import_: Import) -> set[str]:
    """The score ids that the player blocked, or deleted after this import."""
    blocked = ScoreBlock.objects.filter(user=import_.user_id)
    ids = blocked.values_list("score_id", flat=True)
    return set(ids.union(withdrawn(import_)))


def withdrawn(import_: Import) -> QuerySet[ScoreDeletion, str]:
    """The score ids that the player deleted after this import."""
    deleted = ScoreDeletion.objects.filter(
        user=import_.user_id, up_to_sequence__gte=sent_at(import_)
    )
    return deleted.values_list("score_id", flat=True)


def stored_now(score_ids: Iterable[str]) -> list[tuple[Score, int]]:
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
