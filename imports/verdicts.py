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

SHOWN_DIGITS = 12


@dataclass(frozen=True)
class Holder:
    """An import that holds scores which another one sent, too."""

    import_id: str
    pk: int
    scores: int

    @property
    def name(self) -> str:
        """What it is called in a sentence: its first digits."""
        return f"{self.import_id[:SHOWN_DIGITS]}…"


@dataclass(frozen=True)
class Verdict:
    """`state` is the import's; of completed ones that brought no score it is "nothing
    new", "rejected", "orphaned", "blocked", or "nothing" where nothing was sent.

    Where one import holds all, `text` names it, and a page shows `before`, a link to
    `holder`, and `after`; where there is none, `before` is all of the text.
    """

    state: str
    text: str
    holders: tuple[Holder, ...] = ()

    @property
    def holder(self) -> Holder | None:
        """The one that is named in the text."""
        one = self.holders[0] if len(self.holders) == 1 else None
        return one if one and one.name in self.text else None

    @property
    def says_state(self) -> bool:
        """Whether the text begins with the state: then no badge says it before."""
        return self.text.lower().startswith(self.state)

    @property
    def before(self) -> str:
        return self._parts[0]

    @property
    def after(self) -> str:
        return self._parts[1]

    @property
    def _parts(self) -> tuple[str, str]:
        if self.holder is None:
            return self.text, ""
        before, _, after = self.text.partition(self.holder.name)
        return before, after


def first_line(import_: Import) -> str:
    """Why an import failed, in a line; empty where it did not."""
    return import_.error_text.strip().partition("\n")[0]


def verdict(import_: Import) -> Verdict:
    """How an import stands, in a sentence or two. At most a few statements.

    Of a completed one it is told what became of its rows; where they were known, which
    imports hold them now.
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


def _completed(import_: Import) -> Verdict:
    counts = import_.counts
    total, held = counts.get("total", 0), counts.get("held", 0)
    if not total:
        return _without_scores(import_)
    holders = holders_of(import_) if held else ()
    if held == total:
        return _all_known(import_, total, holders)
    state = _state_of(counts)
    if counts.get("imported") == total:
        return Verdict(state, f"{_all(total, 'score').capitalize()} new.")
    if counts.get(state) == total:
        return Verdict(state, ALL[state].format(_all(total, "row")))
    told = sentence(counts).removeprefix("0 imported, ")
    if counts.get("imported"):
        return Verdict(state, told, holders)
    return Verdict(state, f"Nothing {'new' if held else 'imported'}: {told}", holders)


#: Where all rows of an import ended so.
ALL = {
    "rejected": "Nothing imported: {} rejected.",
    "orphaned": "Nothing imported: {} of songs or charts that are not known (yet).",
    "blocked": "Nothing imported: {} blocked by its player.",
}


def _state_of(counts: Mapping[str, int]) -> str:
    if counts.get("imported"):
        return "completed"
    if counts.get("held"):
        return "nothing new"
    return next((way for way in ALL if counts.get(way)), "nothing")


def _all(count: int, noun: str) -> str:
    """ "all 60 scores are"."""
    return f"the one {noun} is" if count == 1 else f"all {count:,} {noun}s are"


def _without_scores(import_: Import) -> Verdict:
    """A hook declares a class by an import of its own."""
    classes = [str(each) for each in import_.classes.order_by("pk")]
    if not classes:
        return Verdict("nothing", "There was no score in what was sent.")
    return Verdict("completed", f"No score, but a class: {', '.join(classes)}.")


def _all_known(import_: Import, total: int, holders: tuple[Holder, ...]) -> Verdict:
    """Every row was known when it came; who holds them may be another by now."""
    state = "nothing new"
    own = import_.scores.count()
    if own:
        text = (
            "Nothing new when it came, but what held its scores was reverted:"
            f" {own:,} {'is' if own == 1 else 'are'} its own by now."
        )
    elif not holders:
        text = "Nothing new: what was sent was known, and is gone since."
    else:
        one = len(holders) == 1
        by = f"import {holders[0].name}" if one else f"{len(holders):,} other imports"
        text = f"Nothing new: {_all(total, 'score')} held by {by}."
    return Verdict(state, text, holders)
