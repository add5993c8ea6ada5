"""Making the claims of a set of one player's reverted imports again, in one go.

The inverse of `imports.undo.withdraw`: what comes of it is what single restores make,
in the order of the imports' sequence. Of the claims that the set makes on a score, the
first decides who owns it: that import, unless an earlier one does already. All others
are later claims.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from imports import claims, later_claims
from imports.composition import Composition, Reported
from imports.hand_overs import (
    Holder,
    Moved,
    changed_by,
    remove,
    rewritten,
    row_of,
)
from imports.later_claims import differ, fill, in_order, left_by, reencoded
from imports.models import Import
from imports.reports import (
    Claim,
    encode,
    may_fill,
    processed_at,
    reported,
    reported_by_owner,
    sequence_of,
)
from scores.copy_rows import allocate_ids
from scores.derived.recalculate import Touched
from scores.models import Score
from scores.score_rows import ScoreRow


@dataclass
class Reclaimed:
    """Scores that are inserted: those that were not there; those that are taken back
    from later imports; those of others that say something else.
    """

    added: list[ScoreRow] = field(default_factory=list)
    taken_over: list[Moved] = field(default_factory=list)
    changed: list[Moved] = field(default_factory=list)

    @property
    def rows(self) -> list[ScoreRow]:
        moved = (*self.taken_over, *self.changed)
        return [*self.added, *(each.after for each in moved)]


@dataclass
class Claimed:
    """A score that the set claims, under the key that it has in `later_claims`.

    `first` is the first of the claims, made by `of_import`. `stored` is the score,
    where there is one, and `owners_sequence` that of its owner.
    """

    first: Claim
    of_import: Import
    stored: Score | None = None
    owners_sequence: int = 0
    pk: int = 0

    @property
    def key(self) -> str:
        return str(self.pk)

    @property
    def is_new(self) -> bool:
        return self.stored is None

    @property
    def changes_hands(self) -> bool:
        return self.is_new or self.owners_sequence > sequence_of(self.of_import)

    @property
    def owner(self) -> Holder:
        """Whose the score is then, with its report."""
        if self.stored is not None and not self.changes_hands:
            said = reported_by_owner(self.stored)
            return Holder(self.owners_sequence, self.stored.source_import_id, said)
        said = reported(self.first.score, self.first.time_added)
        return Holder(sequence_of(self.of_import), self.of_import.pk, said)


def reclaim(
    imports: Mapping[Import, Sequence[Claim]], touched: Touched
) -> list[Reclaimed]:
    """Make claims for imports of one player, in the order of their sequence.

    None of them names a score twice. Under the player's lock; the caller inserts the
    rows, recalculates, and saves `later_claims` of these imports.
    """
    found = _claimed(imports)
    games = defaultdict(list)
    for import_ in imports:
        games[import_.game].append(import_)
    return [
        _reclaim_of_game({each: imports[each] for each in some}, found, touched)
        for some in games.values()
    ]


def _claimed(imports: Mapping[Import, Sequence[Claim]]) -> dict[str, Claimed]:
    """The scores that are claimed, by score id; each has its primary key."""
    found: dict[str, Claimed] = {}
    for import_, made in imports.items():
        for claim in made:
            found.setdefault(claim.score.score_id, Claimed(claim, import_))
    for score, owners_sequence in claims.stored_now(found):
        of_score = found[score.score_id]
        of_score.stored, of_score.pk = score, score.pk
        of_score.owners_sequence = owners_sequence
    new = [each for each in found.values() if each.is_new]
    if new:
        for of_score, pk in zip(new, allocate_ids(Score, len(new)), strict=True):
            of_score.pk = pk
    return found


def _reclaim_of_game(
    imports: Mapping[Import, Sequence[Claim]],
    found: Mapping[str, Claimed],
    touched: Touched,
) -> Reclaimed:
    ours = {
        claim.score.score_id: found[claim.score.score_id]
        for made in imports.values()
        for claim in made
    }
    owners = {each.key: each.owner for each in ours.values()}
    after = {key: owner.reported for key, owner in owners.items()}
    filling = set(_add_later_claims(imports, found, after))
    compositions = _composed(list(imports), ours, after, filling)
    reclaimed = Reclaimed()
    known: dict[str, Score] = {}
    for key, each in ((each.key, each) for each in ours.values()):
        if each.stored is None:
            reclaimed.added.append(_row(each, owners[key], compositions[key]))
        elif each.changes_hands:
            row = _row(each, owners[key], compositions[key])
            reclaimed.taken_over.append(Moved(each.stored, row))
        elif key in filling:
            known[key] = each.stored
    remove((moved.before for moved in reclaimed.taken_over), touched)
    changed = changed_by(known, compositions)
    remove(changed, touched)
    reclaimed.changed = [*map(Moved, changed, rewritten(changed))]
    return reclaimed


def _row(each: Claimed, owner: Holder, composition: Composition) -> ScoreRow:
    """The row of a score that one of the set owns."""
    first = each.first.score
    if each.is_new and composition.report is owner.reported:  # its own word only
        return first.owned_by(
            owner.import_pk,
            sequence=owner.sequence,
            time_added=each.first.time_added,
            pk=each.pk,
        )
    return row_of(each.pk, first, first.chart, owner, composition)


def _add_later_claims(
    imports: Mapping[Import, Sequence[Claim]],
    found: Mapping[str, Claimed],
    after: Mapping[str, Reported],
) -> Iterator[str]:
    """Note the claims on scores that others own; those that may fill something."""
    for import_, made in imports.items():
        processed = processed_at(import_)
        for claim in made:
            of_score = found[claim.score.score_id]
            if of_score.changes_hands and of_score.of_import is import_:
                continue
            key = of_score.key
            report = reported(claim.score, claim.time_added)
            encoded = encode(after[key], report, processed)
            import_.later_claims[key] = encoded
            if may_fill(encoded):
                yield key


def _composed(
    imports: Sequence[Import],
    ours: Mapping[str, Claimed],
    after: Mapping[str, Reported],
    filling: set[str],
) -> dict[str, Composition]:
    """What the scores say with all claims on them. The later claims of other imports
    are encoded anew, and saved, where the owner's report is another now.
    """
    compositions = {key: Composition(report) for key, report in after.items()}
    before: dict[str, Reported] = {}
    owned = defaultdict(list)
    for each in ours.values():
        if each.stored is not None and (each.changes_hands or each.key in filling):
            before[each.key] = reported_by_owner(each.stored)
            if each.changes_hands:
                owned[each.stored.source_import_id].append(each.key)
    differing = {key: after[key] for key in before if differ(after[key], before[key])}
    changed = []
    pks = {import_.pk for import_ in imports}
    for import_ in in_order(imports, left_by(imports, owned) if before else ()):
        if import_.pk in pks:
            fill(compositions, after, import_)
            continue
        sequence, processed = sequence_of(import_), processed_at(import_)
        for key in owned[import_.pk]:
            compositions[key].add(before[key], sequence)
        fill({key: compositions[key] for key in before}, before, import_)
        encoded = reencoded(import_, before, differing) | {
            key: encode(after[key], before[key], processed) for key in owned[import_.pk]
        }
        if encoded:
            import_.later_claims.update(encoded)
            changed.append(import_)
    later_claims.save(changed)
    return compositions
