"""What commands say of a batch of reverts when they are done with it."""

from typing import Any

import orjson
from django.core.management.base import CommandError, OutputWrapper
from django.db.models import Q, QuerySet, Sum

from imports.batches.control import LEFT_ALONE
from imports.models import BatchImport, RevertBatch
from tachi.admin.formatting import count_of, in_one_line
from tachi.commands import SOME_FAILED, WRONG_USE

State, Outcome = RevertBatch.State, BatchImport.State
#: What a script is told of a state; in all others it runs, or will.
TOLD = {
    State.PAUSED: "paused",
    State.CANCELLED: "cancelled",
    State.DONE: "done",
    State.RESTORED: "restored",
}
ASIDE = (
    "Something else would happen to this player's scores now than was shown, so "
    "nothing was done: run it again."
)
#: An import that ended in these was not reverted, although somebody wanted that.
LEFT = (Outcome.REFUSED, Outcome.FAILED)


def named_batch(batch_id: str) -> RevertBatch:
    """The batch of that id. Raises CommandError where there is none."""
    batch = RevertBatch.objects.filter(batch_id=batch_id).first()
    if batch is None:
        text = f"There is no batch {in_one_line(batch_id)}."
        raise CommandError(text, returncode=WRONG_USE)
    return batch


def is_restore(batch: RevertBatch) -> bool:
    """Whether what the batch does, or did last, is to restore."""
    return batch.restoring or batch.state in (State.RESTORING, State.RESTORED)


def changed(batch: RevertBatch) -> QuerySet[BatchImport]:
    """The imports that were reverted, or restored, as the batch meant.

    Where a class did not come back with one that was restored, `why` says so.
    """
    if is_restore(batch):
        restored = batch.outcomes.filter(state=Outcome.RESTORED)
        return restored.exclude(why=LEFT_ALONE)
    return batch.outcomes.filter(state=Outcome.REVERTED)


def left_alone(batch: RevertBatch) -> QuerySet[BatchImport]:
    """The imports that were not. `why` says why, unless their player is set aside."""
    if not is_restore(batch):
        aside = Q(state=Outcome.WAITING, player__state="aside")
        return batch.outcomes.filter(Q(state__in=LEFT) | aside).order_by("position")
    # What is from the revert itself is no news.
    since = Q(done_at__gt=batch.finished_at) if batch.finished_at else Q()
    left = ~Q(state=Outcome.RESTORED) & since & ~Q(done_at=None)
    before = Q(state=Outcome.RESTORED, why=LEFT_ALONE)
    return batch.outcomes.filter(left | before).exclude(why="").order_by("position")


def as_object(batch: RevertBatch) -> dict[str, Any]:
    """The batch for a script, as `revert_imports --json` prints it."""
    done = changed(batch)
    sums = done.aggregate(scores=Sum("scores", default=0), kept=Sum("kept", default=0))
    return {
        "batch": batch.batch_id,
        "state": TOLD.get(State(batch.state), "running"),
        "imports": batch.imports,
        "restored" if is_restore(batch) else "reverted": done.count(),
        **sums,
        "refused": [
            {"importID": each.import_id, "why": each.why or ASIDE}
            for each in left_alone(batch)
        ],
    }


def write(batch: RevertBatch, stdout: OutputWrapper, *, as_json: bool) -> None:
    """Print what came of a batch, as far as it is."""
    told = as_object(batch)
    lines = [orjson.dumps(told).decode()] if as_json else as_text(batch, told)
    for line in lines:
        stdout.write(line)


def refuse_unfinished(batch: RevertBatch) -> None:
    """Raise CommandError when a batch has not come to its end, or has left imports
    alone.
    """
    problems = []
    if batch.state not in (State.DONE, State.RESTORED):
        why = f" {batch.why_paused}" if batch.why_paused else ""
        problems.append(in_one_line(f"The batch is {batch.state}.{why}"))
    if batch.state == State.PAUSED:
        problems.append(f"revert_imports --resume {batch} goes on.")
    done = "restored" if is_restore(batch) else "reverted"
    refused = [
        f"{each.import_id}: {in_one_line(each.why or ASIDE)}"
        for each in left_alone(batch)
    ]
    if refused:
        problems += [f"{len(refused)} were not {done}:", *refused]
    if problems:
        raise CommandError("\n".join(problems), returncode=SOME_FAILED)


def interrupted(batch: RevertBatch, *, by_workers: bool) -> str:
    """How a batch goes on that was interrupted by Ctrl-C."""
    to_go = f"Interrupted with {ahead(batch)} to go:"
    if by_workers:
        return (
            f"{to_go} workers go on with it. revert_imports --pause {batch} stops it, "
            f"--resume {batch} watches it to its end."
        )
    go_on = f"revert_imports --resume {batch} goes on"
    return f"{to_go} {go_on}, or run it again for the rest."


def ahead(batch: RevertBatch) -> int:
    """How many imports have not had their turn."""
    state = Outcome.REVERTED if is_restore(batch) else Outcome.WAITING
    return batch.outcomes.filter(state=state, done_at=None).count()


def as_text(batch: RevertBatch, told: dict[str, Any]) -> list[str]:
    """The same for people."""
    verb = "Restored" if is_restore(batch) else "Reverted"
    imports = count_of(told[verb.lower()], "import")
    lines = [f"{verb} {imports} with {count_of(told['scores'], 'score')}."]
    if kept := told["kept"]:
        lines.append(f"{count_of(kept, 'score')} stayed: other imports sent them too.")
    lines += [
        f"{each.import_id}: {in_one_line(each.why)}"
        for each in changed(batch).exclude(why="")
    ]
    verified = batch.players.filter(verified=True).count()
    players = batch.players.exclude(verified=None).count()
    if players:
        lines.append(f"{verified} of {count_of(players, 'player')} verified.")
    lines.append(f"Batch {batch}.")
    return lines
