"""What a draft selects: frozen as rows, players one by one, newest import first."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from imports.batches.refusals import NotDraftable
from imports.filters import ImportFilterSet, mixed
from imports.models import (
    BatchImport,
    BatchPlayer,
    Import,
    ImportQuerySet,
    RevertBatch,
)
from scores.copy_rows import chunks
from scores.models import Score
from tachi.accounts.models import User

MOST_NAMED = 10
BATCH_SIZE = 1000  # rows in one statement


class Selected(NamedTuple):
    """An import of a selection."""

    pk: int
    import_id: str
    user: int
    sequence: int | None
    other_playtypes: bool = False

    @property
    def place(self) -> tuple[float, int]:
        """Among those of its player: in the order in which they took effect, and those
        last that have not yet.
        """
        return float("inf") if self.sequence is None else self.sequence, self.pk


def by_filters(filters: Mapping[str, Any]) -> list[Selected]:
    """The completed imports that match all filters.

    Raises NotDraftable when there are none, or no filters, and BadFilter.
    """
    if not filters:
        raise NotDraftable("Name imports or filters: nothing at all selects nothing.")
    found = ImportFilterSet(filters, Import.objects.completed()).qs
    others = _of_other_playtypes(found, filters.get("playtype"))
    selected = [
        each._replace(other_playtypes=each.pk in others) for each in _read(found)
    ]
    if not selected:
        raise NotDraftable("No completed import matches.")
    return selected


def by_ids(import_ids: Iterable[str]) -> list[Selected]:
    """The imports of these ids, in whatever state.

    Raises NotDraftable where there is none of an id, or none at all is named.
    """
    wanted = dict.fromkeys(import_ids)
    if not wanted:
        raise NotDraftable("Name imports or filters: nothing at all selects nothing.")
    found: list[Selected] = []
    for some in chunks(wanted):
        found += _read(Import.objects.filter(import_id__in=some))
    known = {each.import_id for each in found}
    if unknown := [each for each in wanted if each not in known]:
        listed = ", ".join(unknown[:MOST_NAMED])
        more = f" and {len(unknown) - MOST_NAMED} more" if unknown[MOST_NAMED:] else ""
        raise NotDraftable(f"There is no import {listed}{more}.")
    return found


def in_turn(selected: Iterable[Selected], kind: str) -> list[Selected]:
    """Players one by one, and of each the newest import first.

    What is run again comes oldest first, so that the new imports have the order of the
    old ones.
    """
    newest_first = kind == RevertBatch.Kind.REVERT
    in_order = sorted(selected, key=lambda each: each.place, reverse=newest_first)
    return sorted(in_order, key=lambda each: each.user)


def freeze(batch: RevertBatch, selected: Iterable[Selected]) -> None:
    """Store a selection as the rows of a batch; a constant number of statements, but
    for the size of each.
    """
    selected = in_turn(selected, batch.kind)
    ids = dict.fromkeys(each.user for each in selected)
    names: dict[int, str] = {}
    for some in chunks(ids):
        users = User.objects.filter(pk__in=some)
        names.update(users.values_list("pk", "username"))
    players = [
        BatchPlayer(
            batch=batch, user_id=user, name=names.get(user, ""), position=position
        )
        for position, user in enumerate(ids)
    ]
    BatchPlayer.objects.bulk_create(players, batch_size=BATCH_SIZE)
    by_user = {player.user_id: player for player in players}
    BatchImport.objects.bulk_create(
        (
            BatchImport(
                batch=batch,
                player=by_user[each.user],
                of_import_id=each.pk,
                import_id=each.import_id,
                position=position,
                other_playtypes=each.other_playtypes,
            )
            for position, each in enumerate(selected)
        ),
        batch_size=BATCH_SIZE,
    )


def scores_of(batch: RevertBatch) -> int:
    """How many scores the imports of a batch own now."""
    imports = batch.outcomes.values("of_import")
    return Score.objects.filter(source_import__in=imports).count()


def _read(found: ImportQuerySet) -> list[Selected]:
    columns = found.values_list("pk", "import_id", "user", "sequence")
    return [Selected(*values) for values in columns]


def _of_other_playtypes(found: ImportQuerySet, playtype: Any) -> set[int]:
    """Those that hold scores of other playtypes, too, than the filter asks for."""
    if playtype is None:
        return set()
    wanted = [playtype] if isinstance(playtype, str) else list(playtype)
    return set(mixed(found, *wanted).values_list("pk", flat=True))
