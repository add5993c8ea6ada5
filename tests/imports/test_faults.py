"""Every statement of every verb fails once, and dies once: before, or after."""

from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from imports import leases
from imports.models import Import, State
from imports.orphans import reprocess
from imports.pipeline import run
from imports.restore import restore_import
from imports.revert import revert_import
from scores.deletion import delete_score
from scores.edits import edit_score
from scores.integrity import check_user
from scores.models import Score
from tests.factories import make_user
from tests.world import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    name_chart,
    play,
    send,
    state_of,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Fault(OperationalError):
    pass


class Statements:
    """Counts statements, commits included, and lets some of them fail."""

    def __init__(self, failing, dying):
        self.seen, self.failing, self.dying = 0, failing, dying

    def look(self):
        self.seen += 1
        if self.seen == self.failing or (self.dying and self.seen > self.failing):
            raise Fault("a fault that was planted")

    def __call__(self, execute, sql, params, many, context):
        self.look()
        return execute(sql, params, many, context)


@contextmanager
def faults(monkeypatch, failing=0, dying=False):
    statements = Statements(failing, dying)
    commit = connection._commit

    def commit_or_fail():
        statements.look()
        commit()

    with monkeypatch.context() as patch, connection.execute_wrapper(statements):
        patch.setattr(connection, "_commit", commit_or_fail)
        yield statements
    if dying:
        connection.close()


def each_fault(monkeypatch, prepare, act, retry):
    """Plant each fault in a world of its own; the states found, by (fault, dying)."""
    world = prepare()
    before = state_of(world["user"])
    with faults(monkeypatch) as statements:
        act(world)
    after = state_of(world["user"])
    assert named(before, world) != named(after, world)
    assert statements.seen > 10
    for dying in (False, True):
        for failing in range(1, statements.seen + 1):
            one_fault(monkeypatch, prepare(), act, retry, failing, dying)


def one_fault(monkeypatch, world, act, retry, failing, dying):
    user = world["user"]
    before = state_of(user)
    with faults(monkeypatch, failing, dying):
        try:
            act(world)
        except Exception as error:
            assert isinstance(error, Fault) or "planted" in repr(error.__cause__)
    where = f"statement {failing}, {'dying' if dying else 'failing'}"
    assert check_user(user.pk) == [], where
    found = state_of(user)
    retry(world)
    assert check_user(user.pk) == [], where
    done = state_of(user)
    assert found in (before, done), where
    assert done != before, where


def named(state, world):
    return repr(state).replace(world["user"].username, "user")


@pytest.fixture
def charts():
    return [make_chart(), make_chart(), make_chart()]


def history(charts):
    """A player with two imports that share a score, a session, and a class."""
    user = make_user()
    first = make_import(
        user,
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 9_500_000, NOON + HOUR),
        play(9999, 9_100_000, NOON),
        service="first",
        classes={"dan": "DAN_3"},
    )
    second = make_import(
        user,
        play(charts[0], 9_000_000, NOON + 5 * HOUR, comment="sent again"),
        play(charts[2], 9_700_000, NOON + 3 * HOUR),
        service="second",
    )
    return {"user": user, "first": first, "second": second}


def test_an_import_happens_entirely_or_not_at_all(monkeypatch, charts):
    sent = document(
        play(charts[0], 9_900_000, NOON + 2 * HOUR),
        play(charts[1], 9_500_000, None, comment="known"),
        play(charts[2], 9_800_000, NOON + 4 * HOUR),
        play(8888, 9_100_000, NOON),
        service="third",
        classes={"dan": "DAN_5"},
    )

    def prepare():
        world = history(charts)
        return {**world, "import": send(world["user"], sent)}

    def act(world):
        taken = leases.take_now(world["import"].pk)
        if taken is not None:
            run(taken)

    def retry(world):
        """What the sweep does for a dead worker, or the player for a failed import."""
        import_ = Import.objects.get(pk=world["import"].pk)
        if import_.state == State.RUNNING:
            past = timezone.now() - timezone.timedelta(minutes=1)
            Import.objects.filter(pk=import_.pk).update(lease_until=past)
        if import_.state == State.FAILED:
            assert import_.error_status == 500
            world["import"] = send(world["user"], sent)
        act(world)
        done = Import.objects.get(pk=world["import"].pk)
        assert done.state == State.COMPLETED
        assert done.counts["imported"] == 2

    each_fault(monkeypatch, prepare, act, retry)


def test_a_revert_happens_entirely_or_not_at_all(monkeypatch, charts):
    each_fault(monkeypatch, lambda: history(charts), revert_first, revert_first)


def revert_first(world):
    revert_import(world["first"], OPERATOR)


def test_a_restore_happens_entirely_or_not_at_all(monkeypatch, charts):
    def prepare():
        world = history(charts)
        revert_first(world)
        return world

    def act(world):
        restore_import(world["first"], OPERATOR)

    each_fault(monkeypatch, prepare, act, act)


def test_a_deletion_happens_entirely_or_not_at_all(monkeypatch, charts):
    def act(world):
        score = Score.objects.filter(user=world["user"], chart=charts[0]).first()
        if score is not None:
            delete_score(score, block=True)

    each_fault(monkeypatch, lambda: history(charts), act, act)


def test_an_edit_happens_entirely_or_not_at_all(monkeypatch, charts):
    def act(world):
        score = Score.objects.get(user=world["user"], chart=charts[0])
        edit_score(score, highlight=True)

    each_fault(monkeypatch, lambda: history(charts), act, act)


def test_orphans_become_scores_entirely_or_not_at_all(monkeypatch, charts):
    late = make_chart()
    late.names.all().delete()
    late.song.names.all().delete()
    number = late.song.song_id

    def prepare():
        user = make_user()
        late.song.song_id = 7777
        late.song.save()
        make_import(
            user,
            play(charts[0], 9_000_000, NOON),
            play(number, 9_200_000, NOON + HOUR),
            service="orphaned",
        )
        late.song.song_id = number
        late.song.save()
        return {"user": user}

    def act(world):
        reprocess(world["user"])

    each_fault(monkeypatch, prepare, act, act)
    name_chart(late)
