"""Imports in the request, on a site that may have no worker: none is left lying."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from imports import at_once
from imports.models import Import, State
from imports.queue import leases, sweep
from scores.derived.integrity import check_user
from scores.edits import delete_score
from scores.locks import only_change_of
from scores.models import Score
from tests.commands import ROOT
from tests.factories import (
    NOON,
    document,
    make_chart,
    make_token,
    make_user,
    play,
    send,
)
from tests.imports.hooks import make_sdvx_chart, vivid_play
from tests.imports.rules.make import make_rule
from tests.locking import held_elsewhere
from tests.state import state_of

#: Statements from the request to the answer; SQLite stores what was sent, and what
#: became of its rows, by one more each.
MORE = 0 if connection.vendor == "postgresql" else 2
MOST_OF_A_NEW_PLAY, MOST_OF_A_KNOWN_PLAY = 15 + MORE, 8 + MORE
DAN = {"dan": "DAN_3"}
DIRECT = "/ir/direct-manual/import"
#: Sends what stands on its standard input, and is killed as soon as that is read.
DIE_INLINE = """
import os, signal, sys
import django
django.setup()
from imports import pipeline
from tachi.accounts.models import User

def die(import_, report):
    os.kill(os.getpid(), signal.SIGKILL)

pipeline.at_once.run_at_once = lambda sent: None
pipeline.read = die
user = User.objects.get(username=sys.argv[1])
payload = sys.stdin.buffer.read()
pipeline.submit(pipeline.Sent(user, "file/batch-manual", payload))
"""

#: The play of a hook, and where its process dies: its score and its best are written.
DIE_AT_ONCE = """
import os, signal, sys
import django
django.setup()
from imports import at_once, pipeline
from scores.models import Score
from tachi.accounts.models import User

def die(*rows):
    assert Score.objects.exists()
    os.kill(os.getpid(), signal.SIGKILL)

at_once.insert_together = die
user = User.objects.get(username=sys.argv[1])
payload = sys.stdin.buffer.read()
pipeline.submit(pipeline.Sent(user, "ir/barbatos", payload), here=True)
"""


@pytest.fixture
def chart(db):
    return make_chart()


@pytest.fixture
def submit(api, user, settings):
    settings.IMPORT_INLINE = True
    token = make_token(user, "submit_score")
    return lambda sent: api.post(DIRECT, sent, token=token)


def left(user, chart, score=9_000_000, **fields):
    """An import that a request began and did not end, long ago."""
    import_ = send(user, document(play(chart, score, NOON)))
    long_ago = timezone.now() - timedelta(minutes=5)
    given = {"received_at": long_ago, "state": State.RUNNING, "lease_until": long_ago}
    Import.objects.filter(pk=import_.pk).update(
        **{"lease_number": 1, **given, **fields}
    )
    return import_


def state(import_):
    return Import.objects.get(pk=import_.pk).state


@pytest.mark.django_db
def test_the_users_next_request_ends_what_a_killed_process_left(user, chart, submit):
    running = left(user, chart)
    queued = left(user, chart, 9_100_000, state=State.QUEUED, lease_until=None)
    other = left(make_user(), chart)

    assert submit(document(play(chart, 9_200_000))).status_code == 200

    assert (state(running), state(queued)) == (State.COMPLETED, State.COMPLETED)
    assert state(other) == State.RUNNING
    of_user = Import.objects.filter(user=user).order_by("pk")
    assert list(of_user.values_list("sequence", flat=True)) == [1, 2, 3]


@pytest.mark.django_db
def test_what_was_left_does_not_use_up_a_quota_for_ever(user, chart, submit, settings):
    settings.MAX_UNFINISHED_FROM_HOOKS = 1
    old = left(user, chart, import_type="ir/direct-manual")
    assert submit(document(play(chart, 9_200_000))).status_code == 200
    assert state(old) == State.COMPLETED


@pytest.mark.django_db
def test_what_another_request_works_on_is_left_to_it(user, chart, submit):
    soon = timezone.now() + timedelta(seconds=20)
    held = left(user, chart, lease_until=soon)
    fresh = send(user, document(play(chart, 9_100_000)))
    assert submit(document(play(chart, 9_200_000))).status_code == 200
    assert (state(held), state(fresh)) == (State.RUNNING, State.QUEUED)


@pytest.mark.django_db
def test_what_kills_every_process_is_given_up(user, chart, submit):
    poison = left(user, chart, attempts=2)
    assert submit(document(play(chart, 9_200_000))).status_code == 200
    assert state(poison) == State.FAILED


@pytest.mark.django_db
def test_a_sweep_frees_it_too(user, chart):
    import_ = left(user, chart)
    sweep.sweep()
    assert state(import_) == State.QUEUED
    assert leases.take(import_.pk) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite has one writer at a time
def test_one_that_cannot_have_the_players_lock_is_accepted_all_the_same(
    user, chart, submit, monkeypatch
):
    monkeypatch.setattr("imports.write.change_of", impatient)
    with held_elsewhere(only_change_of, user.pk):
        answer = submit(document(play(chart, 9_000_000)))
    assert answer.status_code == 202
    import_ = Import.objects.get()
    assert answer.json()["body"]["importID"] == import_.import_id
    assert (import_.state, import_.attempts) == (State.QUEUED, 0)
    time.sleep(1.1)  # until it is tried again
    assert submit(document(play(chart, 9_100_000))).status_code == 200
    assert state(import_) == State.COMPLETED


def impatient(user_id):
    return only_change_of(user_id, 0.1)


@pytest.mark.django_db(transaction=True)
def test_a_single_play_takes_few_statements(user, submit):
    """The first, a better one, and a worse one; each is sent once more."""
    charts = [make_chart(), make_chart()]
    statements_of(submit, play(charts[1], 9_000_000, NOON))
    plays = [play(charts[0], 8_000_000 + n % 3, NOON + n) for n in range(4)]
    taken = [
        (statements_of(submit, each), statements_of(submit, each)) for each in plays
    ]
    assert max(new for new, _ in taken) <= MOST_OF_A_NEW_PLAY
    assert max(known for _, known in taken) <= MOST_OF_A_KNOWN_PLAY
    # Who has deleted a score is asked which.
    delete_score(Score.objects.filter(user=user).earliest("pk"))
    more = play(charts[0], 9_500_000, NOON + 9)
    assert statements_of(submit, more) <= MOST_OF_A_NEW_PLAY + 1


@pytest.mark.django_db(transaction=True)
def test_rules_that_stop_others_cost_a_play_one_statement(user, submit):
    chart = make_chart()
    statements_of(submit, play(chart, 8_000_000, NOON))
    without = statements_of(submit, play(chart, 8_000_001, NOON + 1))
    for _ in range(3):
        make_rule(user=make_user().username, game="sdvx")
    assert statements_of(submit, play(chart, 8_000_002, NOON + 2)) == without + 1


def statements_of(submit, sent):
    """How many a play takes, from the request to the answer: COPY is counted; BEGIN,
    COMMIT and ROLLBACK are not, nor for how long SQLite is to wait."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = submit(document(sent))
    assert answer.json()["body"]["counts"]["total"] == 1
    assert Import.objects.latest("pk").lease_number == 0  # at once
    return sum(not sql.startswith("PRAGMA") for sql in statements)


@pytest.mark.django_db
def test_what_is_at_once_is_what_it_would_have_become(user, chart, api, settings):
    """The same answer, document and rows, by the short way and by the long one."""
    found = []
    settings.IMPORT_INLINE, settings.RATE_LIMITS = True, False
    for small in (0, at_once.SMALL):
        sender = make_user()
        token = make_token(sender, "submit_score")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(at_once, "SMALL", small)
            for sent in (
                document(play(chart, 9_000_000, NOON), play(7777), classes=DAN),
                document(play(chart, 9_000_000, NOON), play(chart, 9_100_000, NOON)),
                document(play(chart, 1)),
                document(),
            ):
                answer = api.post(DIRECT, sent, token=token)
                body = answer.json()["body"]
                page = api.get(f"/api/v1/imports/{body['importID']}").json()["body"]
                assert page["import"] == body
                found.append((small, body["counts"], len(body["scoreIDs"])))
                found.append((small, body["errors"], body["classDeltas"]))
        found.append((small, state_of(sender)["stats"]))
        assert check_user(sender.pk) == []
    ways = (0, at_once.SMALL)
    long, short = ([rest for way, *rest in found if way == size] for size in ways)
    assert short == long
    assert not Import.objects.exclude(state=State.COMPLETED).exists()


@pytest.mark.django_db
def test_a_fault_at_once_changes_nothing_and_the_long_way_is_gone(
    user, chart, submit, monkeypatch
):
    def fault(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(at_once, "count_bytes", fault)
        assert submit(document(play(chart, 9_000_000))).status_code == 200
    import_ = Import.objects.get()
    assert (import_.state, import_.lease_number) == (State.COMPLETED, 1)
    assert submit(document(play(chart, 9_100_000))).status_code == 200
    assert Import.objects.order_by("pk").last().lease_number == 0  # at once


def killed(script, user, sent, database_url):
    """A process of its own that imports what is sent, and dies by itself."""
    process = subprocess.run(
        [sys.executable, "-c", script, user.username],
        input=json.dumps(sent).encode(),
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tachi.settings",
            "IMPORT_INLINE": "on",
            "IMPORT_LEASE_SECONDS": "1",
        },
        timeout=60,
    )
    return process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_an_import_whose_process_was_really_killed(database_url, api, settings):
    user, chart = make_user(), make_chart()
    sent = document(play(chart, 9_000_000, NOON))
    assert killed(DIE_INLINE, user, sent, database_url)
    import_ = Import.objects.get(user=user)
    assert import_.state == State.RUNNING
    time.sleep(1.2)

    settings.IMPORT_INLINE = True
    token = make_token(user, "submit_score")
    answer = api.post(DIRECT, document(play(chart, 9_100_000)), token=token)

    assert answer.status_code == 200
    import_.refresh_from_db()
    assert (import_.state, import_.attempts) == (State.COMPLETED, 1)
    assert Score.objects.filter(user=user).count() == 2


@pytest.mark.slow
def test_a_play_of_a_hook_whose_process_was_really_killed(database_url, api):
    """Nobody was told that it came; it comes when the hook sends it again."""
    user, _ = make_user(), make_sdvx_chart()
    before = state_of(user)
    assert killed(DIE_AT_ONCE, user, vivid_play(), database_url)
    assert not Import.objects.filter(user=user).exists()
    assert state_of(user) == before
    token = make_token(user, "submit_score")
    answer = api.post("/ir/barbatos/score/submit", vivid_play(), token=token)
    assert answer.status_code == 200
    assert Score.objects.filter(user=user).count() == 1
    assert check_user(user.pk) == []
