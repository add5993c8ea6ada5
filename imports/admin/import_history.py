"""What happened to an import, in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from imports.models import BatchImport, Import, Revert, RevertBatch, State
from tachi.admin.formatting import count_of, detail_link
from tachi.admin.looking import may_look_at
from tachi.moderation.log import Subject, Verb
from tachi.moderation.models import Entry

MOST = 100  # entries of the log, reverts, and batches
SINGLE = (RevertBatch.State.DONE, RevertBatch.State.RESTORED)
WORDS = {
    BatchImport.State.WAITING: "Selected to be reverted",
    BatchImport.State.GONE: "Left alone",
    BatchImport.State.REFUSED: "Not reverted",
    BatchImport.State.FAILED: "Revert failed",
}
UNDOES = {Verb.REVERT, Verb.RUN_AGAIN}
ENDED = {
    State.COMPLETED: "Completed",
    State.REVERTED: "Completed",
    State.FAILED: "Failed",
    State.CANCELLED: "Cancelled",
}


@dataclass
class Event:
    """Something that happened: what, and where it is known, by whom and why.

    The player reads `reason`, and never `note`.
    """

    at: datetime
    what: str
    by: str = ""
    reason: str = ""
    note: str = ""
    more: str = ""


def history(request: HttpRequest, import_: Import) -> list[Event]:
    """Oldest first: how it ran, reverts and restores, batches, and all of the log.

    Who did it and why is for those who may see the reverts, or the log.
    """
    entries = _entries(request, import_)
    events = [*_ran(import_), *_undone(import_, entries), *_batches(import_)]
    events += [_logged(entry) for entry in entries.values()]
    return sorted(events, key=lambda event: event.at)


Key = tuple[str, bool] | int
Entries = dict[Key, Entry]


def _entries(request: HttpRequest, import_: Import) -> Entries:
    """The entries of the log: a revert or restore by its batch, others by their key."""
    if not request.user.has_perm("moderation.view_entry"):
        return {}
    found = Entry.objects.filter(
        subject_kind=Subject.IMPORT, subject_id=import_.import_id
    )
    return {_key(entry): entry for entry in found.order_by("-at", "-pk")[:MOST]}


def _key(entry: Entry) -> Key:
    restores = entry.verb == Verb.RESTORE
    if entry.batch_id and (restores or entry.verb in UNDOES):
        return entry.batch_id, restores
    return entry.pk


def _ran(import_: Import) -> Iterator[Event]:
    yield Event(import_.received_at, "Received")
    if import_.started_at:
        tried = import_.lease_number
        more = f"for the {tried}th time" if tried > 3 else ""
        yield Event(import_.started_at, "Started", more=more)
    if import_.finished_at and import_.state in ENDED:
        yield Event(import_.finished_at, ENDED[State(import_.state)])


def _undone(import_: Import, entries: Entries) -> Iterator[Event]:
    """Each revert, and its restore, with what the log has of it."""
    seen = may_look_at("imports_revert")
    reverts = Revert.objects.filter(of_import=import_).defer("snapshot")
    people = reverts.select_related("batch", "reverted_by", "restored_by")
    for revert in people.order_by("-reverted_at", "-pk")[:MOST]:
        batch_id = revert.batch.batch_id if revert.batch else ""
        entry = entries.pop((batch_id, False), None)
        again = entry is not None and entry.verb == Verb.RUN_AGAIN
        scores = count_of(revert.score_count, "score")
        text = f"{'Run again, and so reverted' if again else 'Reverted'} with {scores}"
        what = detail_link(text, "imports_revert", revert.pk)
        event = Event(revert.reverted_at, what, more=_in_batch(revert.batch))
        if seen:
            event.by, event.reason = (
                _who(revert.reverted_by, revert.origin),
                revert.reason,
            )
        yield _with_note(event, entry)
        if revert.restored_at:
            back = Event(revert.restored_at, "Restored")
            if seen and revert.restored_by:
                back.by = str(revert.restored_by)
            yield _with_note(back, entries.pop((batch_id, True), None))


def _batches(import_: Import) -> Iterator[Event]:
    """Batches that it was selected for, and not reverted by: that has its own event."""
    done = (BatchImport.State.REVERTED, BatchImport.State.RESTORED)
    outcomes = BatchImport.objects.filter(of_import=import_).exclude(state__in=done)
    for outcome in outcomes.select_related("batch").order_by("-pk")[:MOST]:
        yield Event(
            outcome.done_at or outcome.batch.created_at,
            WORDS[BatchImport.State(outcome.state)],
            reason=outcome.why,
            more=_in_batch(outcome.batch),
        )


def _in_batch(batch: RevertBatch | None) -> str:
    """A link to the batch, where it is not one of this import alone."""
    if batch is None or (batch.imports <= 1 and batch.state in SINGLE):
        return ""
    text = f"in a batch of {count_of(batch.imports, 'import')}"
    return detail_link(text, "imports_revertbatch", batch.pk)


def _with_note(event: Event, entry: Entry | None) -> Event:
    if entry is not None:
        event.by = event.by or _who(entry.by_name, entry.origin)
        event.reason = event.reason or entry.reason
        event.note = entry.note
    return event


def _logged(entry: Entry) -> Event:
    return Event(
        entry.at,
        detail_link(
            entry.get_verb_display().capitalize(), "moderation_entry", entry.pk
        ),
        _who(entry.by_name, entry.origin),
        entry.reason,
        entry.note,
    )


def _who(name: object, origin: str) -> str:
    return f"{name or 'nobody on record'} ({origin})"
