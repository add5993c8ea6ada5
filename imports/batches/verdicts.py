"""How a batch stands, said to people: what it would do, and what came of it."""

from dataclasses import dataclass

from imports.batches.control import AT_WORK
from imports.batches.documents import BatchDocument, BatchListing
from imports.models import RevertBatch

State = RevertBatch.State
AN_OPERATOR = "an operator"
#: What a batch is at while a worker has it, or it waits for one.
AT_WHAT: dict[str, str] = {
    State.QUEUED: "Waiting for its turn",
    State.RUNNING: "Reverting",
    State.PAUSING: "Pausing after the import that runs",
    State.CANCELLING: "Ending after the import that runs",
    State.RESTORING: "Restoring",
}


@dataclass(frozen=True)
class BatchVerdict:
    """`text` is how it stands, in a sentence, and `more` what else is to be known.

    While a worker is at it, `doing` is what it is at and `unit` what is counted: pages
    that look again say the same sentence with later numbers.
    """

    state: str
    text: str
    more: tuple[str, ...] = ()
    doing: str = ""
    unit: str = ""


def number_of(count: int, noun: str, plural: str = "s") -> str:
    """ "1 import", "1,203 scores"; `plural` is the ending of the plural."""
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def time_left(seconds: int | None) -> str:
    """ ", about 2 minutes left"; nothing where nobody can tell."""
    if seconds is None:
        return ""
    if seconds < 60:
        return ", less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f", about {number_of(minutes, 'minute')} left"
    return f", about {number_of(round(minutes / 60), 'hour')} left"


def verdict(batch: RevertBatch, document: BatchDocument) -> BatchVerdict:
    """How a batch stands; its document is of just now. At most one statement."""
    if batch.state == State.DRAFT:
        return _of_draft(batch, document)
    if batch.state in AT_WORK:
        return _at_work(batch, document)
    if batch.state == State.PAUSED:
        what = "restored" if batch.restoring else "reverted"
        more = (batch.why_paused,) if batch.why_paused else ()
        return BatchVerdict("paused", f"Paused: {_far(document)} {what}.", more)
    if batch.state == State.RESTORED:
        by = batch.restored_by.username if batch.restored_by else AN_OPERATOR
        back = _imports(document["restored"])
        is_back = "is" if document["restored"] == 1 else "are"
        text = f"Restored by {by}: {back} {is_back} back."
        return BatchVerdict("restored", text, _what_else(document))
    return _of_ended(batch, document)


def by_outcome(listing: BatchListing) -> dict[str, int]:
    """How many of its imports are in each state of an outcome; they add up."""
    found = {
        "waiting": listing["imports"] - listing["done"],
        "reverted": listing["reverted"],
        "gone": 0,
        "refused": listing["refused"],
        "failed": listing["failed"],
        "restored": listing["restored"],
    }
    found["gone"] = listing["imports"] - sum(found.values())
    return found


def _imports(count: int) -> str:
    return number_of(count, "import")


def _of_players(document: BatchDocument) -> str:
    return (
        f"{_imports(document['imports'])} of {number_of(document['players'], 'player')}"
    )


def _far(document: BatchDocument) -> str:
    progress = document["progress"]
    done, total = (progress["done"], progress["total"]) if progress else (0, 0)
    return f"{done:,} of {_imports(total)}"


def _of_draft(batch: RevertBatch, document: BatchDocument) -> BatchVerdict:
    would = f"Draft: would revert {_of_players(document)}"
    if batch.run_again is not None:
        playtype = batch.run_again.get("playtype")
        would = f"Draft: would run {_of_players(document)} again"
        would += f" as {playtype}" if playtype else ""
    nothing = "Nothing is reverted yet."
    if progress := document["progress"]:
        doing, unit = "Draft: trying out what it would do", "players"
        far = f"{progress['done']:,} of {progress['total']:,} {unit}"
        return BatchVerdict("draft", f"{doing}: {far}.", (nothing,), doing, unit)
    preview = document["preview"]
    if preview is None:
        text = "What it would do was not tried out: discard it, and draft it again."
        return BatchVerdict("draft", f"{would}.", (text,))
    scores = preview["scores"]
    said = [f"{number_of(scores.get('removed', 0), 'score')} would go"]
    if scores.get("added"):
        said.append(f"{scores['added']:,} would come")
    if scores["kept"]:
        said.append(f"{scores['kept']:,} would stay with another import")
    return BatchVerdict("draft", f"{would}: {', '.join(said)}.", (nothing,))


def _at_work(batch: RevertBatch, document: BatchDocument) -> BatchVerdict:
    doing, progress = AT_WHAT[batch.state], document["progress"]
    done, total = (progress["done"], progress["total"]) if progress else (0, 0)
    left = time_left(document["etaSeconds"])
    text = f"{doing}: {done:,} of {total:,} imports{left}."
    return BatchVerdict(batch.state, text, (), doing, "imports")


def _of_ended(batch: RevertBatch, document: BatchDocument) -> BatchVerdict:
    name = batch.get_state_display()
    undone = document["reverted"] + document["restored"]
    if batch.state == State.CANCELLED and batch.confirmed_at is None and not undone:
        text = f"{name} as a draft: nothing was reverted."
        return BatchVerdict(batch.state, text)
    was = "was" if undone == 1 else "were"
    text = f"{name}: {undone:,} of {_of_players(document)} {was} reverted"
    if undone:
        text += f", with {number_of(document['scores'], 'score')}"
    if kept := document["kept"]:
        text += f", of which {kept:,} stayed with another import"
    return BatchVerdict(batch.state, f"{text}.", _what_else(document))


def _what_else(document: BatchDocument) -> tuple[str, ...]:
    counts = by_outcome(document)
    said = [
        f"{counts[state]:,} {words}"
        for state, words in (
            ("failed", "failed"),
            ("refused", "refused"),
            ("gone", "gone before"),
        )
        if counts[state]
    ]
    more = [f"{', '.join(said)}."] if said else []
    if document["state"] in ("done", "cancelled") and document["restored"]:
        more.append(f"{_imports(document['restored'])} restored since.")
    if document["state"] == "cancelled" and counts["waiting"]:
        more.append(f"{_imports(counts['waiting'])} left as they were.")
    if document["aside"]:
        more.append(
            f"{number_of(document['aside'], 'player')} set aside, as something else"
            " would have happened than was shown: see below, and confirm again."
        )
    if document["state"] == "restored" and document["reverted"]:
        more.append(f"{_imports(document['reverted'])} reverted still.")
    return tuple(more)
