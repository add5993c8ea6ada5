"""Random histories with batches: drafted, overtaken, paused, cancelled, restored.

Whatever happens, a player has what his live imports give, as if no other had ever been
made; a preview tells what comes; and a restore gives back what was.
"""

from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imports.batches import control, previews
from imports.batches.draft import KIND, draft
from imports.batches.refusals import NotPossible
from imports.batches.run import run_to_end
from imports.batches.step import step
from imports.models import Import, Orphan, RevertBatch
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import ClassClaim, GameStats, PersonalBest, Score, Session
from tachi.jobs import leases
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow
from tests.factories import HOUR, NOON, OPERATOR, make_import, make_user
from tests.imports.test_histories import classless
from tests.imports.undo.test_previews_of_undoing import (
    charts_of_two_games,
    said_of,
)
from tests.imports.undo.told import (
    IIDX,
    SDVX,
    assert_came,
    in_a_world_of_its_own,
    seen,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
PLAYERS = 3
numbers = st.integers(0, 1000)
plays = st.builds(
    dict,
    chart=st.integers(0, 3),  # the last is nobody's: an orphan
    score=st.sampled_from([9_000_000, 9_500_000]),
    time=st.sampled_from([None, NOON, NOON + HOUR, NOON + 4 * HOUR]),
    comment=st.sampled_from([None, None, "well played", "and more"]),
    fast=st.sampled_from([None, None, 1]),
    judged=st.sampled_from([None, None, 900]),
)
sendings = st.tuples(
    st.integers(0, PLAYERS - 1),
    st.sampled_from([SDVX, SDVX, IIDX]),
    st.lists(plays, min_size=1, max_size=3),
    st.sampled_from([None, None, "DAN_1", "DAN_5"]),
)
moves = st.tuples(
    st.sampled_from(["steps", "steps", "pause", "cancel", "own_revert", "own_restore"]),
    numbers,
)
histories = st.fixed_dictionaries(
    {
        "sent": st.lists(sendings, min_size=4, max_size=9),
        "selected": st.integers(1, 511),
        "by_filter": st.booleans(),
        "options": st.sampled_from(
            [{}, {}, {"block": True}, {"withdraw_classes": True}, {"run_again": {}}]
        ),
        "between": st.lists(sendings, max_size=2),
        "moves": st.lists(moves, max_size=5),
    }
)


class World:
    """Players whose imports go by their names; who did what of them is known."""

    def __init__(self):
        self.charts = charts_of_two_games()
        self.users = [make_user() for _ in range(PLAYERS)]
        self.sent = []  # (name, who, what was sent), in the order of sending
        self.meddled = set()  # users who did something themselves meanwhile
        self.own = set()  # names of imports that their owners have reverted
        self.batch = None  # as it runs
        self.since = set()  # users who did something after they were set aside

    def send(self, who, game, plays, dan):
        name = f"import {len(self.sent)}"
        self.sent.append((name, who, (game, plays, dan)))
        return self.make(name, who, game, plays, dan)

    def make(self, name, who, game, plays, dan):
        sent = [said_of(self.charts[game], game, **each) for each in deepcopy(plays)]
        header = {} if game == SDVX else {"game": "iidx", "playtype": "SP"}
        classes = {"dan": dan} if dan else None
        return make_import(
            self.users[who], *sent, service=name, classes=classes, **header
        )

    def import_(self, name):
        return Import.objects.filter(service=name, reruns=None).latest("pk")

    def own_revert(self, number):
        name, who, _ = self.sent[number % len(self.sent)]
        if revert_import(self.import_(name), OPERATOR) is not None:
            self.own.add(name)
            self.note(who)

    def own_restore(self, number):
        name, who, _ = self.sent[number % len(self.sent)]
        if restore_import(self.import_(name), OPERATOR) is not None:
            self.own.discard(name)
            self.note(who)

    def note(self, who):
        self.meddled.add(who)
        if self.users[who].pk in aside_of(self.batch):
            self.since.add(who)

    def live(self):
        return {
            name for name, *_ in self.sent if self.import_(name).state == "completed"
        }

    def states(self):
        return [state_of(user) for user in self.users]

    def replayed(self, live):
        """The states in a world where only these imports were ever made."""
        for table in (PersonalBest, Score, Session, GameStats, ClassClaim, Orphan):
            table.objects.filter(user__in=self.users).delete()
        Import.objects.filter(user__in=self.users).delete()
        for name, who, sent in self.sent:
            if name in live:
                self.make(name, who, *sent)
        return self.states()

    def assert_right(self):
        for user in self.users:
            assert check_user(user.pk) == []
        live = self.live()
        without = in_a_world_of_its_own(lambda: self.replayed(live))
        assert [*map(classless, self.states())] == [*map(classless, without)]


def check_history(drawn):
    world = World()
    for each in drawn["sent"]:
        world.send(*each)
    batch = drafted(world, drawn)
    for each in drawn["between"]:
        world.send(*each)
    late = {each[0] for each in drawn["between"]}
    before, shown = world.states(), [seen(user) for user in world.users]
    world.batch = batch = control.confirm(batch, OPERATOR, batch.fingerprint)
    moved(world, batch, drawn["moves"])
    batch.refresh_from_db()
    aside = aside_of(batch)
    assert aside <= {world.users[who].pk for who in late | world.meddled}
    if batch.state == "done":
        assert_told(world, batch, aside, late, shown)
        if aside:
            confirmed_again(world, batch)
        assert not batch.outcomes.filter(state="waiting").exists()
        assert not batch.players.exclude(verified=True).exists()
    assert not batch.outcomes.filter(state="failed").exists()
    if batch.run_again is None:
        world.assert_right()
    restored(world, batch)
    after = world.states()
    for who, user in enumerate(world.users):
        assert check_user(user.pk) == []
        if who not in world.meddled:
            assert after[who] == before[who]
    assert world.live() == {name for name, *_ in world.sent} - world.own
    world.assert_right()


def aside_of(batch):
    return set(batch.players.filter(state="aside").values_list("user", flat=True))


def confirmed_again(world, batch):
    """Who was set aside is so once more only if he did something after that, which
    changed what would happen; and another confirmation is the last, for nobody does
    anything meanwhile. What was shown then is what comes, in every number.
    """
    since = {world.users[who].pk for who in world.since}
    for left in (since, set()):
        shown = {user.pk: seen(user) for user in world.users}
        told = {each.user_id: each for each in batch.players.filter(state="aside")}
        batch = run_to_end(control.confirm(batch, OPERATOR, batch.fingerprint))
        again = aside_of(batch)
        assert again <= left
        for user in world.users:
            player = told.get(user.pk)
            if player is None:
                continue
            if user.pk in again:
                now = batch.players.get(user=user)
                assert now.fingerprint != player.fingerprint
            elif user.pk not in left:
                assert_came(player.preview, shown[user.pk], seen(user))
        if not again:
            break


def drafted(world, drawn):
    names = [
        name for n, (name, *_) in enumerate(world.sent) if drawn["selected"] >> n & 1
    ]
    names = names or [world.sent[0][0]]
    if drawn["by_filter"]:
        filters = {"service": names, "importType": "file/batch-manual"}
        batch = draft(OPERATOR, filters=filters, **drawn["options"])
    else:
        ids = [world.import_(name).import_id for name in names]
        batch = draft(OPERATOR, import_ids=ids, **drawn["options"])
    assert batch.imports == len(names)
    for player in batch.players.all():
        told = player.preview
        assert previews.try_out(player) == told  # whenever it is asked
    return batch


def moved(world, batch, moves):
    """What its moderators and the players do while it runs."""
    for move, number in moves:
        if move == "steps":
            take_steps(number % 4)
        elif move in ("own_revert", "own_restore"):
            # What a batch has run again is not for its player to undo piecemeal here.
            if batch.run_again is None:
                getattr(world, move)(number)
        else:
            with suppress(NotPossible):  # it has ended
                getattr(control, move)(batch, OPERATOR)
                if move == "pause":
                    run_to_end(batch)  # which it does not
                    assert batch.state == "paused"
                    control.resume(batch, OPERATOR)
    run_to_end(batch)
    ended = {"done", "cancelled"}
    if world.meddled and not batch.outcomes.filter(state="reverted").exists():
        ended.add("restored")  # by its players, one by one
    assert batch.state in ended


def take_steps(number):
    """A worker takes so many steps of the job, and leaves it to others."""
    jobs = Job.objects.unfinished().filter(kind=KIND)
    job = jobs.first() and leases.take(jobs.first().pk)
    if not job:
        return
    with suppress(NotNow):
        for _ in range(number):
            if not step(job):
                break
    leases.give_back(job)


def assert_told(world, batch, aside, late, shown):
    """Of those whose turn came with nobody else at their scores."""
    for who, user in enumerate(world.users):
        player = batch.players.filter(user=user).first()
        if player is None or who in world.meddled or user.pk in aside:
            continue
        outcomes = player.outcomes.filter(state="reverted")
        told = player.preview
        assert told["imports"] == len(outcomes)
        if batch.run_again is None:
            assert told["scores"]["kept"] == sum(each.kept for each in outcomes)
            gone = sum(each.scores - each.kept for each in outcomes)
            assert told["scores"]["removed"] == gone
        if who not in late:  # sessions and profiles follow from what else is played
            assert_came(told, shown[who], seen(user))


def restored(world, batch):
    """With a pause, where anything is to come back."""
    with suppress(NotPossible):
        control.restore(batch, OPERATOR)
        take_steps(1)
        with suppress(NotPossible):
            control.pause(batch, OPERATOR)
            run_to_end(batch)
            control.resume(batch, OPERATOR)
        batch = run_to_end(RevertBatch.objects.get(pk=batch.pk))
        assert batch.state == "restored"
    assert not batch.outcomes.filter(state="reverted").exists()


def checked(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 50,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=[Phase.explicit, Phase.generate],  # shrinking takes many minutes
    )


@checked(5)
@given(histories)
def test_batches_leave_no_trace_and_give_back_what_was(drawn):
    in_a_world_of_its_own(lambda: check_history(drawn))


@pytest.mark.slow
@checked(100)
@given(histories)
def test_batches_leave_no_trace_in_many_histories(drawn):
    in_a_world_of_its_own(lambda: check_history(drawn))
