"""Players who stay busy while somebody waits for the end of a batch."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.batches import control
from imports.batches.busy import RUNS, Patience, only_busy_are_left, refuse_busy
from imports.batches.run import run_to_end
from imports.models import BatchPlayer, Import, State
from tests.factories import OPERATOR
from tests.imports.batches.making import (
    confirmed,
    drafted,
    make_player,
    outcomes,
    restored,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(chart):
    """A batch, confirmed, of two players with two imports each."""
    imports = [each for _ in range(2) for each in make_player(chart, 1, 2)[1]]
    return confirmed(drafted(*imports))


def put_off(players):
    players.update(turn_at=timezone.now() + timedelta(minutes=1))


def make_busy(user):
    Import.objects.create(
        user=user,
        state=State.RUNNING,
        lease_until=timezone.now() + timedelta(minutes=1),
    )


def test_while_another_may_go_on_nobody_is_given_up(batch, settings):
    settings.REVERT_WAIT_SECONDS = 0
    put_off(batch.players.filter(position=0))
    assert not only_busy_are_left(batch)
    Patience().look(batch)
    assert states(batch) == ["waiting"] * 4
    put_off(batch.players.all())
    assert only_busy_are_left(batch)
    Patience().look(batch)
    assert states(batch) == ["refused"] * 4


def test_who_has_patience_waits(batch, settings):
    settings.REVERT_WAIT_SECONDS = 60
    put_off(batch.players.all())
    patience = Patience()
    for _ in range(3):
        patience.look(batch)
    assert states(batch) == ["waiting"] * 4


def test_the_reason_is_told_and_the_others_are_done(batch):
    busy = batch.players.get(position=0)
    make_busy(busy.user)
    put_off(batch.players.filter(pk=busy.pk))
    refuse_busy(batch)
    assert run_to_end(batch).state == "done"
    assert list(outcomes(batch).values()) == [
        ("refused", RUNS),
        ("refused", RUNS),
        ("reverted", ""),
        ("reverted", ""),
    ]
    verified = batch.players.order_by("position").values_list("verified", flat=True)
    assert list(verified) == [None, True]


def test_what_a_restore_gives_up_stays_reverted(batch):
    done = run_to_end(batch)
    busy = done.players.get(position=1)
    make_busy(busy.user)

    def give_up(batch):
        players = batch.players.filter(state=BatchPlayer.State.WAITING)
        if players.filter(turn_at__gt=timezone.now()).exists():
            refuse_busy(batch)

    ended = run_to_end(control.restore(done, OPERATOR), give_up)
    assert ended.state == "restored"
    assert states(ended) == ["restored"] * 2 + ["reverted"] * 2
    whys = {why for state, why in outcomes(ended).values() if state == "reverted"}
    assert whys == {RUNS}


def test_a_batch_that_has_ended_is_let_be(batch):
    done = run_to_end(batch)
    put_off(done.players.all())
    refuse_busy(done)
    assert states(done) == ["reverted"] * 4
    assert restored(done).state == "restored"
