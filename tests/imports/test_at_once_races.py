"""Plays that are imported at once, while something else happens to their player."""

import json
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection

from imports.delete_user import delete_user
from imports.models import Import, ImportInput, State
from imports.once import Sent
from imports.pipeline import AccountGone, accept, run_inline, submit
from imports.queue.stops import NotCancelled, cancel_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.locks import Busy
from scores.models import Score
from tachi.accounts.models import AuthLevel, User
from tests.attacks.backends import terminating
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_user,
    play,
)
from tests.imports.test_concurrency import at_once
from tests.seeds import load_changed

ROUNDS = 4
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,  # SQLite has one writer at a time
]


@pytest.fixture
def chart():
    return make_chart()


def sent(user, chart, number=0, key=""):
    body = document(play(chart, 9_000_000 + number, NOON + number * HOUR))
    return Sent(user, "ir/direct-manual", json.dumps(body).encode(), key=key)


def sending(*args, **said):
    """Send it as a hook does; the import, or None where there is no account."""

    def act():
        with suppress(AccountGone):
            return submit(sent(*args, **said), here=True)

    return act


def finish(user):
    """What a worker does with what was left queued."""
    for import_ in Import.objects.unfinished().filter(user=user).order_by("pk"):
        run_inline(import_)


def require_sound(user, scores):
    """Nothing is left, or doubled; everything derived follows from the facts."""
    finish(user)
    imports = Import.objects.filter(user=user)
    assert not imports.unfinished().exists()
    numbers = [n for (n,) in imports.completed().values_list("sequence")]
    assert len(numbers) == len(set(numbers))
    assert Score.objects.filter(user=user).count() == scores
    assert check_user(user.pk) == []


def test_one_key_is_one_import_however_many_send_it_at_the_same_moment(chart):
    for n in range(ROUNDS):
        user = make_user()
        found = at_once(*[sending(user, chart, n, key="one")] * 4)
        assert len({import_.pk for import_ in found}) == 1
        assert Import.objects.get(user=user).state == State.COMPLETED
        require_sound(user, 1)


def test_plays_and_queued_imports_of_one_player(chart):
    for _ in range(ROUNDS):
        user = make_user()
        queued = accept(sent(user, chart, 1), inline=False)

        def cancel(queued=queued):
            with suppress(NotCancelled):
                cancel_import(queued, OPERATOR)

        at_once(
            sending(user, chart, 2),
            sending(user, chart, 3),
            lambda user=user: accept(sent(user, chart, 4), inline=False),
            cancel,
        )
        queued.refresh_from_db()
        require_sound(user, 4 if queued.state == State.COMPLETED else 3)


def test_a_play_while_seeds_are_loaded_and_another_import_is_reverted(chart):
    for n in range(ROUNDS):
        user = make_user()
        old = make_import(user, play(chart, 8_000_000, NOON - HOUR))

        def revert(old=old):
            with suppress(Busy):
                revert_import(old, OPERATOR)
            old.refresh_from_db()

        at_once(
            sending(user, chart, 2),
            sending(user, chart, 3),
            revert,
            lambda n=n: load_changed(chart, levelNum=10 + n),
        )
        require_sound(user, 2 if old.state == State.REVERTED else 3)


def test_a_play_of_somebody_who_is_banned_or_deleted_just_then(chart):
    for _ in range(ROUNDS):
        banned, gone = make_user(), make_user()
        rows = User.objects.filter(pk=banned.pk)
        acts = [sending(banned, chart, n) for n in range(2)]
        at_once(*acts, lambda rows=rows: rows.update(auth_level=AuthLevel.BANNED))
        assert not Import.objects.unfinished().filter(user=banned).exists()
        done = Import.objects.completed().filter(user=banned).count()
        require_sound(banned, done)
        acts = [sending(gone, chart, n) for n in range(2)]
        at_once(*acts, partial(delete_user, gone))
        for model in (Import, Score):
            assert not model.objects.filter(user=gone.pk).exists()
    assert ImportInput.objects.count() == Import.objects.count()


def test_a_play_whose_commit_was_lost_is_there_once_when_it_is_sent_again(
    chart, monkeypatch
):
    """The database goes away in the commit, and does not come back for the request."""
    user = make_user()
    with monkeypatch.context() as patch:
        patch.setattr("imports.at_once._is_stored", away)
        lost = terminating(monkeypatch, "COMMIT", "during")
        with lost, pytest.raises(ConnectionError):
            sending(user, chart, key="one")()
    connection.close()
    assert Import.objects.get(user=user).state == State.COMPLETED
    again = sending(user, chart, key="one")()
    assert again.pk == Import.objects.get(user=user).pk
    require_sound(user, 1)


def away(import_):
    raise ConnectionError
