"""Withdrawing the claims of a set of one player's completed imports, in one go.

What comes of it is what single reverts make, newest first: a score goes to the first
live import, not of the set, that claims it, or else is removed. But there is one
handing-on of claims for all imports of a game, one taking-back of what they filled of
others' scores, and one recalculation; so the number of statements grows with the
batches that rows are written in, and not with the number of imports.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from imports import hand_overs, reports
from imports.hand_overs import Holder, Moved
from imports.models import Import, Orphan, State
from imports.undo.snapshot import Owned, owned_by
from scores.copy_rows import chunks
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.models import Score


class Holdings(NamedTuple):
    """What imports hold, by their primary keys: the scores that they own, and their
    later claims on scores of earlier ones, with what each reported.
    """

    owned: dict[int, list[Owned]]
    claimed: dict[int, list[tuple[Score, Holder]]]

    @property
    def all_owned(self) -> Iterator[Owned]:
        return chain.from_iterable(self.owned.values())


class Withdrawn(NamedTuple):
    """What became of the scores: those that went, by the imports (primary keys) that
    owned them; those that another import has now; those of others that say something
    else.
    """

    removed: dict[int, list[Owned]]
    handed_on: list[Moved]
    changed: list[Moved]


def holdings_of(imports: Sequence[Import]) -> Holdings:
    """What these imports hold."""
    return Holdings(owned_by(imports), _later_claims(imports))


def withdraw(
    imports: Sequence[Import],
    held: Holdings,
    touched: Touched,
    block: Callable[[list[int]], object] = lambda pks: None,
) -> Withdrawn:
    """Withdraw all claims of completed imports of one player, and recalculate.

    Under the player's lock, and with what they hold just now. They are reverted then,
    and their orphans are gone. `block` is called with the scores (primary keys) that
    are to go, while they are there.
    """
    handed_on = [
        moved for some in by_game(imports) for moved in _hand_on(some, held.owned)
    ]
    stay = {moved.before.pk for moved in handed_on}
    removed = {
        owner: [score for score in owned if score.pk not in stay]
        for owner, owned in held.owned.items()
    }
    block([score.pk for owned in removed.values() for score in owned])
    for pks in chunks(held.owned):
        Score.objects.filter(source_import__in=pks).delete()
        Orphan.objects.filter(source_import__in=pks).delete()
    for score in held.all_owned:
        touched.score(score.gpt, score.chart, score.time_shown)
    changed = [
        moved
        for some in by_game(imports)
        for moved in _take_back(some, held.claimed, touched)
    ]
    insert_and_recalculate(touched, [moved.after for moved in (*handed_on, *changed)])
    for pks in chunks(held.owned):
        withdrawn = Import.objects.filter(pk__in=pks)
        withdrawn.update(state=State.REVERTED, later_claims={})
    return Withdrawn(removed, handed_on, changed)


def by_game(imports: Sequence[Import]) -> Iterator[list[Import]]:
    """The imports of each game, in the order of their sequence."""
    in_order = sorted(imports, key=lambda each: (each.game, reports.sequence_of(each)))
    return (list(some) for _, some in groupby(in_order, attrgetter("game")))


def _later_claims(
    imports: Sequence[Import],
) -> dict[int, list[tuple[Score, Holder]]]:
    """The scores of earlier imports that each sent too, with what it reported."""
    pks = {int(pk) for import_ in imports for pk in import_.later_claims}
    scores = {
        str(score.pk): score
        for some in chunks(sorted(pks))
        for score in Score.objects.filter(pk__in=some)
    }
    return {each.pk: [*_claims_of(each, scores)] for each in imports}


def _claims_of(
    import_: Import, scores: dict[str, Score]
) -> Iterator[tuple[Score, Holder]]:
    processed = reports.processed_at(import_)
    sequence = reports.sequence_of(import_)
    for key, claim in import_.later_claims.items():
        if score := scores.get(key):  # its player may have deleted it
            owner = reports.reported_by_owner(score)
            report = reports.decode(owner, claim, processed)
            yield score, Holder(sequence, import_.pk, report)


def _hand_on(imports: list[Import], owned: dict[int, list[Owned]]) -> list[Moved]:
    """Give the owned scores to the next imports that claim them."""
    ours = {score.pk for import_ in imports for score in owned[import_.pk]}
    if not ours:
        return []
    scores = [
        score
        for pks in chunks(sorted(ours & hand_overs.claimed_later(imports)))
        for score in Score.objects.filter(pk__in=pks).select_related("chart")
    ]
    return hand_overs.hand_on(imports, scores) if scores else []


def _take_back(
    imports: list[Import],
    claimed: dict[int, list[tuple[Score, Holder]]],
    touched: Touched,
) -> list[Moved]:
    """Take back what the imports filled of the scores of others."""
    pks = {import_.pk for import_ in imports}
    of_others = (
        (score, holder.reported)
        for import_ in imports
        for score, holder in claimed[import_.pk]
        if score.source_import_id not in pks
    )
    return hand_overs.take_back(imports, of_others, touched)
