"""The real backend is terminated in every statement of what batches are made of."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from imports.batches import control
from imports.batches.draft import draft
from imports.batches.step import step
from imports.models import BatchImport, BatchPlayer, Import, Revert, RevertBatch
from scores.models import ClassClaim
from tachi.jobs import leases
from tachi.jobs.models import Job
from tachi.moderation.models import Entry, Notification
from tests.attacks.backends import terminating
from tests.factories import OPERATOR
from tests.imports.batches.making import asked, let_wait
from tests.imports.queue.test_terminated_backends import (  # noqa: F401
    charts,
    each_termination,
    history,
)
from tests.imports.queue.worlds import World, state
from tests.rights.people import make_administrator

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,
]


def rows(model, *names):
    return sorted(model.objects.values_list(*names))


def everything():
    """What a batch changes, and what is said of it."""
    (user,) = {import_.user for import_ in Import.objects.select_related("user")}
    return (
        state(user),
        rows(RevertBatch, "state", "needs_preview", "fingerprint"),
        rows(BatchPlayer, "state", "fingerprint"),
        rows(BatchImport, "state", "why", "scores", "kept"),
        sorted(each.restored_at is None for each in Revert.objects.all()),
        sorted(each.withdrawn_at is None for each in ClassClaim.objects.all()),
        rows(Entry, "verb"),
        rows(Notification, "kind", "imports", "scores"),
        Import.objects.count(),
    )


def safely(act):
    try:
        act()
    except (DatabaseError, InterfaceError):
        connection.close_if_unusable_or_obsolete()


def take_a_step():
    """What a worker does when the lease of the one before it is over."""
    let_wait(RevertBatch.objects.get())
    jobs = Job.objects.exclude(state="done")
    past = timezone.now() - timedelta(minutes=1)
    jobs.update(state="queued", lease_until=None, turn_at=past)
    step(leases.take(jobs.get().pk))


def drafted(**more):
    ids = list(Import.objects.values_list("import_id", flat=True))
    return draft(OPERATOR, import_ids=ids, **more)


def confirm():
    batch = RevertBatch.objects.get()
    if batch.state == "draft":
        control.confirm(batch, OPERATOR, batch.fingerprint)


def test_a_confirmation_is_stored_or_not(each_termination, history):  # noqa: F811
    drafted()
    each_termination(lambda: safely(confirm), lambda _: confirm(), everything)


def test_a_step_is_taken_or_not(each_termination, history):  # noqa: F811
    drafted()
    confirm()

    def retry(_):
        if not Revert.objects.exists():
            take_a_step()

    each_termination(lambda: safely(take_a_step), retry, everything)


def test_a_draft_is_there_with_its_preview_when_it_is_asked_for_again(
    monkeypatch,
    player,
    history,  # noqa: F811
):
    by = asked(make_administrator())
    ids = list(Import.objects.values_list("import_id", flat=True))

    def ask():
        return draft(by, import_ids=ids, client_key="once")

    world = World()
    with terminating(monkeypatch) as plain:
        shown = ask().preview
    for at, sql in enumerate(plain.seen, 1):
        world.begin_anew()
        with terminating(monkeypatch, at):
            safely(ask)
        connection.close_if_unusable_or_obsolete()
        batch = ask()
        assert batch == RevertBatch.objects.get(), sql
        if not batch.needs_preview:
            assert batch.preview == shown, sql
