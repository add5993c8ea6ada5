"""A batch that a command brings to its end: run here, or by workers and watched."""

from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from imports.batches import control, run
from imports.management import batches
from imports.management.drafts import refusals
from imports.management.watching import watching
from imports.models import RequestedBy, RevertBatch
from tachi.commands import INTERRUPTED

State = RevertBatch.State


def finish(
    batch: RevertBatch,
    requested_by: RequestedBy,
    options: dict[str, Any],
    stdout: OutputWrapper,
    *,
    by_workers: bool = False,
) -> None:
    """Bring a batch to its end, and print what came of it.

    `options` are `verbosity` and `as_json`; interrupted here, it is paused in the
    name of `requested_by`. Raises CommandError when it does not come
    to its end, when some of it was left alone, and when it is interrupted.
    """
    as_json = options["as_json"]
    try:
        with watching(batch, options["verbosity"]) as watch:
            if by_workers:
                batch = run.watch(batch, watch.look_and_warn)
            else:
                batch = run.run_to_end(batch, watch.look_and_give_up, requested_by)
    except KeyboardInterrupt:
        batch.refresh_from_db()
        batches.write(batch, stdout, as_json=as_json)
        text = batches.interrupted(batch, by_workers=by_workers)
        raise CommandError(text, returncode=INTERRUPTED) from None
    batches.write(batch, stdout, as_json=as_json)
    batches.refuse_unfinished(batch)


def restore(
    batch: RevertBatch,
    requested_by: RequestedBy,
    options: dict[str, Any],
    stdout: OutputWrapper,
) -> None:
    """Bring back here what a batch has reverted, and print it, as `finish`.

    Where all of it is back already, that is what is printed.
    """
    if batch.state != State.RESTORED or batches.ahead(batch):
        with refusals():
            batch = control.restore(batch, requested_by, wake=False)
    finish(batch, requested_by, options, stdout)
