"""What became of an import, said to people: how it stands, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from imports.models import Import, State
from imports.progress import progress_document
from imports.rows.now import claimed
from imports.rows.sentence import sentence
from scores.copy_rows import chunks
from scores.models import Score


@dataclass(frozen=True)
class Holder:
    """An import that holds scores which another one sent, too."""

    import_id: str
    pk: int
    scores: int


@dataclass(frozen=True)
class Verdict:
    """`state` is the import's; of completed ones that brought no score it is "nothing
    new", "rejected", "orphaned", or "nothing" where nothing was sent.
    """

    state: str
    text: str
    holders: tuple[Holder, ...] = ()


def first_line(import_: Import) -> str:
    """Why an import failed, in a line; empty where it did not."""
    return import_.error_text.strip().partition("\n")[0]


def verdict(import_: Import) -> Verdict:
    """How an import stands, in a sentence or two. At most a few statements.

    Of a completed one it is told what became of its rows; where all of them were known,
    which imports hold them.
    """
    state = State(import_.state)
    if state == State.COMPLETED:
        return _completed(import_)
    if state == State.FAILED:
        text = import_.error_text or "It failed."
    elif state == State.REVERTED:
        text = f"Reverted. It had brought: {sentence(import_.counts)}"
    elif state == State.CANCELLED:
        text = import_.error_text or "Cancelled: nothing of it was stored."
    else:
        text = progress_document(import_)["description"]
    return Verdict(state, text)


def holders_of(import_: Import) -> tuple[Holder, ...]:
    """The imports that hold what this one sent as well, who holds most first."""
    found: dict[tuple[str, int], int] = {}
    for some in chunks(list(claimed(import_))):
        held = Score.objects.filter(pk__in=some).order_by()
        owners = held.values_list("source_import__import_id", "source_import")
        for import_id, pk, count in owners.annotate(count=Count("pk")):
            key = import_id, pk
            found[key] = found.get(key, 0) + count
    holders = [Holder(*key, count) for key, count in found.items()]
    return tuple(sorted(holders, key=lambda each: (-each.scores, each.pk)))


def _state_of(counts: Mapping[str, int]) -> str:
    if counts.get("imported"):
        return "completed"
    if counts.get("held"):
        return "nothing new"
    return next((way for way in ("rejected", "orphaned") if counts.get(way)), "nothing")


def _completed(import_: Import) -> Verdict:
    counts = import_.counts
    total, held = counts.get("total", 0), counts.get("held", 0)
    if not total:
        return Verdict("nothing", "There was no score in what was sent.")
    if held < total:
        holders = holders_of(import_) if held else ()
        return Verdict(_state_of(counts), sentence(counts), holders)
    holders = holders_of(import_)
    if len(holders) == 1:
        by = f"import {holders[0].import_id[:12]}…"
    else:
        by = f"{len(holders)} earlier imports" if holders else "this import itself"
    all_ = "the one score is" if total == 1 else f"all {total} scores are"
    return Verdict("nothing new", f"Nothing new: {all_} held by {by}.", holders)
