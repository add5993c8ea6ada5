"""Batches to test with, and those who ask for them."""

from datetime import timedelta

from django.utils import timezone

from imports.batches import control
from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.models import BatchPlayer, Import, RequestedBy, RevertBatch
from tests.factories import HOUR, NOON, OPERATOR, make_import, make_user, play


def drafted(*imports, by=OPERATOR, **more):
    """A draft of these imports, with its preview."""
    return draft(by, import_ids=[each.import_id for each in imports], **more)


def confirmed(batch, by=OPERATOR):
    """The batch as it was shown."""
    return control.confirm(batch, by, batch.fingerprint)


def ran(*imports, by=OPERATOR, **more):
    """A batch of these imports that is done."""
    return run_to_end(confirmed(drafted(*imports, by=by, **more), by))


def restored(batch, by=OPERATOR):
    return run_to_end(control.restore(batch, by))


def asked(user, reason="a test"):
    return RequestedBy(user, "api", reason)


def make_player(chart, *scores, service="wrong"):
    """A player with an import for each score; returns both."""
    user = make_user()
    imports = [
        make_import(
            user, play(chart, score, NOON + n * 9 * HOUR), service=f"{service} {n}"
        )
        for n, score in enumerate(scores)
    ]
    return user, imports


def outcomes(batch):
    """Import id → (state, why), in the order of the batch."""
    rows = batch.outcomes.order_by("position")
    return {row.import_id: (row.state, row.why) for row in rows}


def states(batch):
    return [row.state for row in batch.outcomes.order_by("position")]


def state_of_import(import_):
    return Import.objects.get(pk=import_.pk).state


def let_wait(batch):
    """Its turn comes, and that of its players."""
    past = timezone.now() - timedelta(minutes=1)
    RevertBatch.objects.filter(pk=batch.pk).update(turn_at=past)
    BatchPlayer.objects.filter(batch=batch).update(turn_at=past)
