"""Acts on batches, for the moderation log."""

from dataclasses import replace

from imports.models import RequestedBy, RevertBatch
from tachi.moderation.log import Act, Subject, Verb, record


def log_act(batch: RevertBatch, verb: Verb, requested_by: RequestedBy) -> None:
    """Log what is done to a batch, in the transaction of it; one statement."""
    text = f"{batch.imports} import{'' if batch.imports == 1 else 's'}"
    act = Act(verb, Subject.BATCH, batch.batch_id, text)
    record(replace(requested_by, batch=batch).acting, act)
