"""Two changes of one player's scores at once, and four players on one chart."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from threading import Barrier, Event

import pytest
from django.db import connection

from imports.models import Import, State
from imports.pipeline import run
from imports.queue import leases
from imports.queue.stops import NotCancelled, cancel_import
from imports.retry import NotRetried, retry_import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.documents import leaderboard_documents
from scores.edits import delete_score
from scores.models import Score
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.imports.queue.test_leases import woken
from tests.state import state_of

ROUNDS = 8
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,  # SQLite has one writer at a time
]


def at_once(*acts):
    """Run each in a thread with a connection of its own, all from one barrier."""
    barrier = Barrier(len(acts))

    def start(act):
        connection.ensure_connection()
        barrier.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(start, a) for a in acts]]


def run_taken(import_):
    return lambda: run(leases.take_now(import_.pk))


@pytest.fixture
def charts():
    return [make_chart() for _ in range(3)]


def plays(charts, shift=0):
    return [
        play(chart, 9_000_000 + shift, NOON + n * HOUR + shift)
        for n, chart in enumerate(charts)
    ]


def test_two_imports_both_succeed(charts):
    for _ in range(ROUNDS):
        user = make_user()
        first = send(user, document(*plays(charts), service="first"))
        second = send(
            user, document(*plays(charts), *plays(charts, 5), service="second")
        )

        at_once(run_taken(first), run_taken(second))

        done = Import.objects.completed().filter(user=user)
        assert sorted(done.values_list("sequence", flat=True)) == [1, 2]
        assert Score.objects.filter(user=user).count() == 6
        assert sum(import_.counts["imported"] for import_ in done) == 6
        assert check_user(user.pk) == []


def test_an_import_and_a_revert_both_succeed(charts):
    for _ in range(ROUNDS):
        user = make_user()
        old = make_import(user, *plays(charts), service="old")
        new = send(user, document(*plays(charts), *plays(charts, 5), service="new"))

        at_once(run_taken(new), lambda old=old: revert_import(old, OPERATOR))

        assert check_user(user.pk) == []
        owners = Score.objects.filter(user=user).values_list(
            "source_import__service", flat=True
        )
        assert list(owners) == ["new"] * 6


def test_a_cancel_and_an_import_leave_one_of_two_worlds(charts):
    states = set()
    for number in range(3 * ROUNDS):
        user = make_user()
        make_import(user, *plays(charts), service="old")
        before = state_of(user)
        new = send(user, document(*plays(charts, 5), service="new"))
        taken = leases.take_now(new.pk)
        begun = Event()

        def run_it(taken=taken, begun=begun):
            with suppress(leases.Superseded):
                run(taken, lambda phase, *_: phase == "writing" and begun.set())

        def cancel(new=new, begun=begun, late=number % 12):
            if late:  # while it is written; otherwise while it is read
                begun.wait(10)
                time.sleep(late / 500)
            with suppress(NotCancelled):
                cancel_import(new, OPERATOR)

        at_once(run_it, cancel)

        new.refresh_from_db()
        states.add(new.state)
        assert check_user(user.pk) == []
        if new.state == State.CANCELLED:
            assert state_of(user) == before
        else:
            assert new.state == State.COMPLETED
            assert new.scores.count() == 3
    assert states == {State.CANCELLED, State.COMPLETED}


def test_two_cancels_and_two_retries_are_one_each(charts):
    for _ in range(ROUNDS):
        user = make_user()
        sent = send(user, document(*plays(charts)))
        outcomes = at_once(*[lambda i=sent: tried(cancel_import, i, OPERATOR)] * 2)
        assert sorted(outcomes) == [False, True]
        Import.objects.filter(pk=sent.pk).update(state=State.FAILED)

        outcomes = at_once(*[lambda i=sent: tried(retry_import, copy(i))] * 2)

        assert sorted(outcomes) == [False, True]
        assert woken().count(sent.pk) == 1


def tried(verb, *args):
    try:
        return verb(*args) is not None
    except (NotCancelled, NotRetried):
        return False


def test_two_reverts_are_one_revert(charts):
    for _ in range(ROUNDS):
        user = make_user()
        import_ = make_import(user, *plays(charts))

        gone = at_once(*[lambda i=import_: revert_import(i, OPERATOR)] * 2)

        assert [each.scores for each in gone if each] == [3]
        assert import_.reverts.count() == 1
        assert check_user(user.pk) == []


def test_a_revert_and_a_restore_leave_one_of_two_worlds(charts):
    for _ in range(ROUNDS):
        user = make_user()
        import_ = make_import(user, *plays(charts))
        there = state_of(user)
        revert_import(import_, OPERATOR)
        gone = state_of(user)

        at_once(
            lambda i=import_: restore_import(i, OPERATOR),
            lambda i=import_: revert_import(i, OPERATOR),
        )

        import_.refresh_from_db()
        expected = there if import_.state == State.COMPLETED else gone
        assert state_of(user) == expected


def test_a_deletion_and_an_import_leave_what_follows_from_the_facts(charts):
    for _ in range(ROUNDS):
        user = make_user()
        make_import(user, *plays(charts))
        score = Score.objects.filter(user=user).first()
        new = send(user, document(*plays(charts), *plays(charts, 5)))

        at_once(run_taken(new), lambda score=score: delete_score(score))

        assert check_user(user.pk) == []
        assert Score.objects.filter(user=user).count() in {5, 6}


def test_four_players_on_shared_charts_are_always_ranked_right(charts):
    for number in range(ROUNDS):
        users = [make_user() for _ in range(4)]
        olds = [
            make_import(user, play(charts[0], 9_100_000 + n, NOON + number))
            for n, user in enumerate(users)
        ]
        news = [
            send(user, document(play(charts[0], 9_500_000 - n, NOON + number)))
            for n, user in enumerate(users)
        ]

        at_once(
            *map(run_taken, news[:3]), lambda old=olds[3]: revert_import(old, OPERATOR)
        )

        ours = {user.pk for user in users}
        board = leaderboard_documents(charts[0])
        ranks = [each["rankingData"]["rank"] for each in board]
        assert ranks == list(range(1, len(board) + 1))
        assert [each["userID"] for each in board if each["userID"] in ours] == [
            user.pk for user in users[:3]
        ]
        scores = [
            Score.objects.filter(user=each["userID"], chart=charts[0])
            .order_by("-score_data__score")
            .first()
            .score_data["score"]
            for each in board
        ]
        assert scores == sorted(scores, reverse=True)
