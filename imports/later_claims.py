"""The later claims of a player's imports: reading and saving them, encoding them anew
when the owner's report changes, and composing scores of them.

Under the player's lock. Imports come in the order of their sequence, in batches: they
may hold millions of claims. A claim that is a mere position, as nearly all are, says
what the owner says and can fill nothing that the owner has left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any

from django.db.models import Q

from imports.composition import Composition, Held, Reported
from imports.models import Import, State
from imports.reports import (
    REPORTED_FIELDS,
    LaterClaim,
    decode,
    encode,
    may_fill,
    processed_at,
    sequence_of,
)

BATCH_SIZE = 20  # imports that are in memory together, each with all its later claims


def with_claims(import_: Import, owners: Iterable[int] = ()) -> Iterator[Import]:
    """The other live imports of the same player and game that have later claims, or are
    `owners`: in order.
    """
    return left_by([import_], owners)


def left_by(imports: Sequence[Import], owners: Iterable[int] = ()) -> Iterator[Import]:
    """The same where several imports, of one player and game, are the ones left out."""
    pks = {import_.pk for import_ in imports}
    found = of_player(imports[0].user_id, imports[0].game, owners)
    return (other for other in found if other.pk not in pks)


def of_player(user_id: int, game: str, owners: Iterable[int] = ()) -> Iterator[Import]:
    """The live imports of a player and game that have later claims, or are `owners`."""
    imports = Import.objects.filter(
        ~Q(later_claims={}) | Q(pk__in=owners),
        user=user_id,
        game=game,
        state=State.COMPLETED,
    )
    found = imports.order_by("sequence").only("sequence", "later_claims", "finished_at")
    return found.iterator(chunk_size=BATCH_SIZE)


def among(import_: Import, others: Iterable[Import]) -> Iterator[Import]:
    """The import in its place among others, which are in order."""
    return in_order([import_], others)


def in_order(imports: Iterable[Import], others: Iterable[Import]) -> Iterator[Import]:
    """Both in the order of their sequence, which each of them is in."""
    return merge(imports, others, key=sequence_of)


def save(imports: Sequence[Import]) -> None:
    Import.objects.bulk_update(imports, ["later_claims"], batch_size=100)


def differ(one: Reported, other: Reported) -> bool:
    """Whether a later claim is encoded differently against the one and the other."""
    return any(one[name] != other[name] for name in REPORTED_FIELDS)


def reencoded(
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


def fill(
    compositions: Mapping[str, Composition],
    owners: Mapping[str, Reported],
    import_: Import,
) -> dict[str, Held]:
    """Add an import's later claims to scores, whose owners' own reports these are."""
    processed, sequence = processed_at(import_), sequence_of(import_)
    return {
        key: compositions[key].add(decode(owners[key], claim, processed), sequence)
        for key, claim in import_.later_claims.items()
        if type(claim) is not int and key in compositions and may_fill(claim)
    }


def compose(
    owners: Mapping[str, Reported], imports: Iterable[Import]
) -> dict[str, Composition]:
    """What scores say: the owners' own reports, then the later claims of imports."""
    compositions = {key: Composition(report) for key, report in owners.items()}
    for import_ in imports:
        fill(compositions, owners, import_)
    return compositions
