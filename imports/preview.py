"""A preview: what importing something would do.

It is imported, under the player's lock and in a transaction that is rolled back: what
the preview tells is what the import itself would have done just then. Nothing is
stored, and nobody is woken or told. Both ends of each change are read in sets, of the
bests, sessions and profiles that are touched: about fifteen statements for a thousand
scores of one game beside those of the import, 32 in all.

A preview makes no chart of what is told of one that nobody knows
(`imports.chart_queue`): its row is an orphan.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated, TypedDict

from django.conf import settings

from imports.documents import ClassDelta, Outcomes, outcomes_of
from imports.models import Import
from imports.once import Sent, to_store
from imports.pipeline import without_garbage_collection
from imports.progress import silent
from imports.quotas import require_small_enough
from imports.read import ReadImport, Report, read
from imports.write import (
    ChartsChanged,
    next_sequence,
    require_same_charts,
    settle,
    take_effect,
)
from scores.derived.change import trial_of
from scores.derived.recalculate import Touched
from scores.tried_out import Change, both_ends, differing, rating_changes


class BestChanges(TypedDict):
    """How many personal bests there would be more, and how many others change."""

    new: Annotated[int, "On charts without one."]
    improved: Annotated[
        int,
        "Of those that are there: their documents, apart from ranks, would differ: a"
        " better value, another part, or a time that was missing.",
    ]


class SessionChanges(TypedDict):
    """How many sessions there would be more, and how many others change."""

    new: Annotated[int, "Under ids that are not there."]
    changed: Annotated[int, "Of those that are there: their documents would differ."]


class RatingChange(TypedDict):
    """A rating of a profile that changes."""

    game: str
    playtype: str
    rating: str
    old: float | None
    new: float | None


class ImportChanges(TypedDict):
    """What else an import would change."""

    personalBests: BestChanges
    sessions: SessionChanges
    profiles: list[RatingChange]
    classes: Annotated[list[ClassDelta], "As the import's `classDeltas`."]


class ImportPreview(Outcomes):
    """What an import would do: `counts` and `errors` as its document would have."""

    changes: Annotated[
        ImportChanges | None, "Null where there are too many rows (PREVIEW_ROWS)."
    ]


def preview(
    sent: Sent, report: Report = silent, *, within_bounds: bool = False
) -> ImportPreview:
    """What importing this would do now; nothing is stored.

    A player who waits to be rated again is so first, as before the import itself: the
    changes are those of the import alone. With `within_bounds`, as in a request, it is
    refused where it would never be accepted (`imports.quotas.TooLarge`), and of more
    than PREVIEW_ROWS rows only the outcomes are told: nothing is recalculated. Raises
    `imports.formats.base.ImportRefused`, and `scores.locks.Busy`.
    """
    # Under no key: another request may be storing it, which one would wait for.
    import_, stored = to_store(replace(sent, key=""), counted=within_bounds)
    if within_bounds:
        require_small_enough(stored.size)
    import_.started_at = import_.received_at
    with without_garbage_collection():
        changes = _try_out(import_, report, within_bounds)
    return {**outcomes_of(import_), "changes": changes}


def _try_out(
    import_: Import, report: Report, within_bounds: bool
) -> ImportChanges | None:
    """Import it and undo that; afterwards the import has its counts and errors."""
    while True:
        found = read(import_, report)
        rows = len(found.parsed.entries)
        report("writing", f"Trying {len(found.scores)} scores out.")
        # Of seeds that were loaded meanwhile it knows nothing: then it is read again.
        with suppress(ChartsChanged), trial_of(import_.user_id):
            require_same_charts(found.parsed.game, found.charts_version)
            import_.sequence = next_sequence(import_.user_id)
            if within_bounds and rows > settings.PREVIEW_ROWS:
                settle(import_, found, Touched(import_.user_id))
                return None
            return _changes(import_, found)


def _changes(import_: Import, found: ReadImport) -> ImportChanges:
    """What the import changes. What that touches is known when it has been done, so
    what was there before is looked up when it is undone again.
    """
    touched = Touched(import_.user_id)

    def act() -> None:
        import_.save()  # which its scores refer to
        take_effect(import_, found, touched)

    _, before, after = both_ends(touched, act)
    return {
        "personalBests": {
            "new": len(after.bests.keys() - before.bests.keys()),
            "improved": len(differing(before.bests, after.bests)),
        },
        "sessions": {
            "new": len(after.sessions.keys() - before.sessions.keys()),
            "changed": len(differing(before.sessions, after.sessions)),
        },
        "profiles": [*map(_rating_change, rating_changes(before, after))],
        "classes": import_.class_deltas,
    }


def _rating_change(change: Change) -> RatingChange:
    game, playtype = change.gpt.split(":")
    return {
        "game": game,
        "playtype": playtype,
        "rating": change.name,
        "old": change.old,
        "new": change.new,
    }
