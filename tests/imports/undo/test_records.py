"""Every revert belongs to a batch; the time to restore counts from the end of that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.delete_user import delete_user
from imports.kept import kept_of
from imports.models import (
    BatchImport,
    BatchPlayer,
    ImportRows,
    RequestedBy,
    Revert,
    RevertBatch,
    State,
)
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable, kept_until, restorable_until
from imports.undo.revert import revert_import
from tests.factories import OPERATOR, make_chart, make_import, make_user, play
from tests.state import state_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ago(days):
    return timezone.now() - days * DAY


@pytest.fixture
def imports(user):
    charts = [make_chart() for _ in range(2)]
    return [make_import(user, *map(play, charts), service=f"no. {n}") for n in range(2)]


@pytest.fixture
def batch(user, imports):
    """A batch of two imports that a worker reverted, and left unfinished."""
    batch = RevertBatch.objects.create(
        origin="api", imports=2, state=RevertBatch.State.RUNNING
    )
    player = BatchPlayer.objects.create(
        batch=batch, user=user, name=user.username, position=0
    )
    for position, import_ in enumerate(imports[::-1]):
        undone = revert_import(import_, RequestedBy(None, "api", batch=batch))
        BatchImport.objects.create(
            batch=batch,
            player=player,
            of_import=import_,
            import_id=import_.import_id,
            position=position,
            state=BatchImport.State.REVERTED,
            scores=undone.scores,
        )
    Revert.objects.update(reverted_at=ago(40))
    return batch


def outcomes(batch):
    return list(batch.outcomes.values_list("state", flat=True).order_by("position"))


def test_a_single_revert_is_a_batch_that_is_done(user, imports):
    moderator = make_user("boss")
    by = RequestedBy(moderator, "admin", "a wrong playtype")
    revert_import(imports[0], by, block=True)

    revert = Revert.objects.get()
    batch = RevertBatch.objects.get()
    assert revert.batch == batch
    assert (batch.state, batch.kind, batch.imports) == ("done", "revert", 1)
    assert (batch.created_by, batch.created_by_name) == (moderator, "boss")
    assert (batch.origin, batch.reason, batch.block) == (by.origin, by.reason, True)
    times = batch.created_at, batch.started_at, batch.finished_at
    assert set(times) == {revert.reverted_at}
    (player,) = batch.players.all()
    assert (player.user, player.name, player.state) == (user, user.username, "done")
    (outcome,) = batch.outcomes.all()
    assert (outcome.of_import, outcome.import_id) == (imports[0], imports[0].import_id)
    assert (outcome.state, outcome.scores, outcome.kept) == ("reverted", 2, 2)


def test_one_of_a_batch_is_no_batch_by_itself(batch):
    assert list(RevertBatch.objects.all()) == [batch]
    assert set(Revert.objects.values_list("batch", flat=True)) == {batch.pk}


def test_a_restore_is_noted_in_the_batch_and_the_last_one_ends_it(imports, batch):
    RevertBatch.objects.update(state=RevertBatch.State.DONE, finished_at=ago(1))
    restore_import(imports[0], OPERATOR)
    assert outcomes(batch) == ["reverted", "restored"]
    batch.refresh_from_db()
    assert batch.state == "done"
    restore_import(imports[1], OPERATOR)
    assert outcomes(batch) == ["restored", "restored"]
    batch.refresh_from_db()
    assert batch.state == "restored"


def test_a_batch_that_is_being_restored_ends_by_itself(imports, batch):
    RevertBatch.objects.update(state=RevertBatch.State.RESTORING, finished_at=ago(1))
    for import_ in imports:
        restore_import(import_, OPERATOR)
    batch.refresh_from_db()
    assert batch.state == "restoring"


def test_a_single_revert_that_is_restored_is_restored(user, imports):
    before = state_of(user)
    revert_import(imports[0], OPERATOR)
    restore_import(imports[0], OPERATOR)
    assert state_of(user) == before
    assert RevertBatch.objects.get().state == "restored"
    revert_import(imports[0], OPERATOR)
    states = RevertBatch.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["restored", "done"]


@pytest.mark.parametrize(
    ("finished", "held", "stays"),
    [
        (None, False, True),  # paused for a month
        (29, False, True),
        (31, False, False),
        (31, True, True),
    ],
)
def test_the_time_counts_from_the_end_of_the_batch(
    imports, batch, finished, held, stays
):
    ended = None if finished is None else ago(finished)
    RevertBatch.objects.update(finished_at=ended, held=held)
    purge()
    assert Revert.objects.filter(snapshot=None).exists() is not stays
    assert ImportRows.objects.exists() is stays
    revert = Revert.objects.get(of_import=imports[0])
    assert (restorable_until(revert) is not None) is stays
    if stays:
        assert restore_import(imports[0], OPERATOR) == 2
        return
    assert kept_until(revert) < timezone.now()
    with pytest.raises(NotRestorable):
        restore_import(imports[0], OPERATOR)
    imports[0].refresh_from_db()
    assert imports[0].state == State.REVERTED


def test_a_single_revert_is_kept_as_long_as_before(imports):
    revert_import(imports[0], OPERATOR)
    revert = Revert.objects.get()
    assert kept_until(revert) == revert.reverted_at + 30 * DAY
    Revert.objects.update(reverted_at=ago(31))
    purge()
    assert Revert.objects.get().snapshot is None


def test_a_single_revert_is_held_too(imports):
    revert_import(imports[0], OPERATOR)
    Revert.objects.update(reverted_at=ago(31))
    RevertBatch.objects.update(held=True)
    purge()
    assert restore_import(imports[0], OPERATOR) == 2


def test_a_deleted_account_leaves_the_batches_of_others(user, imports, batch):
    other = make_user()
    theirs = make_import(other, play(make_chart()))
    player = BatchPlayer.objects.create(
        batch=batch, user=other, name=other.username, position=1
    )
    BatchPlayer.objects.update(preview={"scores": {"list": ["what was played"]}})
    BatchImport.objects.create(
        batch=batch,
        player=player,
        of_import=theirs,
        import_id=theirs.import_id,
        position=2,
    )
    alone = make_import(user, play(make_chart()))
    revert_import(alone, OPERATOR)
    assert ("Previews in batches", 1) in [each[:2] for each in kept_of(user)]

    delete_user(user)

    assert list(RevertBatch.objects.all()) == [batch]
    left, stays = batch.players.order_by("position")
    assert (left.user, left.name, left.preview) == (None, user.username, None)
    assert (stays.user, stays.preview is None) == (other, False)
    names = list(
        batch.outcomes.values_list("of_import", flat=True).order_by("position")
    )
    assert names == [None, None, theirs.pk]
