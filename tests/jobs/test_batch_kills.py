"""Real workers are killed in the middle of a batch; others import meanwhile."""

import contextlib
import json
import time

import pytest

from imports.batches import control
from imports.batches.documents import batch_document
from imports.batches.draft import draft
from imports.models import Import, Revert, State
from imports.pipeline import Sent, accept
from scores.derived.integrity import check_user
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
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until
from tests.imports.scratch import scratch_database
from tests.state import state_of

pytestmark = [pytest.mark.slow, reads_proc]

PLAYERS, IMPORTS, SCORES = 4, 15, 20
WITHIN_SECONDS = 2


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url


@pytest.fixture
def cluster(request, tmp_path, database_url):
    cluster = Cluster(
        tmp_path,
        database_url,
        workers=getattr(request, "param", 1),
        IMPORT_LEASE_SECONDS=10,
    )
    yield cluster
    cluster.end()


def make_players(charts):
    """Players with many imports, the last of which all others are kept beside."""
    made = {}
    for _ in range(PLAYERS):
        user = make_user()
        make_import(user, play(charts[0], 9_999_000, NOON - HOUR), service="right")
        made[user] = [
            make_import(
                user,
                *(play(chart, 9_000_000 + n, NOON + n * HOUR) for chart in charts),
                service=f"wrong {n}",
            )
            for n in range(IMPORTS)
        ]
    return made


def planned(players):
    ids = [each.import_id for of in players.values() for each in of]
    return draft(OPERATOR, import_ids=ids)


def ends(batch, state, cluster):
    def has_ended():
        batch.refresh_from_db()
        return batch.state == state

    assert wait_until(has_ended, 240), cluster.log


def kill_while_it_runs(cluster, batch, counted, kills=3):
    """Kill the worker each time that some more imports are done."""
    seen = 0
    for _ in range(kills):
        assert wait_until(lambda: counted(batch) > seen, 120), cluster.log  # noqa: B023
        seen = counted(batch)
        with contextlib.suppress(ValueError, LookupError):  # it is being replaced
            cluster.kill(*cluster.workers)
        time.sleep(0.3)


def reverted(batch):
    return batch.outcomes.filter(state="reverted").count()


def restored(batch):
    return batch.outcomes.filter(state="restored").count()


def test_a_batch_and_its_restore_are_done_once_whoever_dies(cluster):
    charts = [make_chart() for _ in range(SCORES)]
    players = make_players(charts)
    before = {user: state_of(user) for user in players}
    batch = planned(players)
    if batch.needs_preview:
        assert wait_until(lambda: not fresh(batch).needs_preview, 240), cluster.log
    control.confirm(batch, OPERATOR, batch.fingerprint)

    kill_while_it_runs(cluster, batch, reverted)
    ends(batch, "done", cluster)

    told = batch_document(batch)
    assert (told["reverted"], told["verified"]) == (PLAYERS * IMPORTS, PLAYERS)
    assert Revert.objects.filter(batch=batch).count() == PLAYERS * IMPORTS
    assert all(check_user(user.pk) == [] for user in players)

    control.restore(batch, OPERATOR)
    kill_while_it_runs(cluster, batch, restored)
    ends(batch, "restored", cluster)

    assert {user: state_of(user) for user in players} == before
    assert batch_document(batch)["restored"] == PLAYERS * IMPORTS


def fresh(batch):
    batch.refresh_from_db()
    return batch


@pytest.mark.parametrize("cluster", [2], indirect=True)
def test_another_players_import_completes_while_a_batch_runs(cluster):
    charts = [make_chart() for _ in range(SCORES)]
    players = make_players(charts)
    batch = planned(players)
    if batch.needs_preview:
        assert wait_until(lambda: not fresh(batch).needs_preview, 240), cluster.log
    control.confirm(batch, OPERATOR, batch.fingerprint)
    assert wait_until(lambda: reverted(batch), 60), cluster.log
    stranger = make_user()
    payload = json.dumps(document(play(charts[0], 8_000_000, NOON))).encode()
    import_ = accept(Sent(stranger, "file/batch-manual", payload), inline=False)
    began = time.monotonic()

    def is_completed():
        rows = Import.objects.filter(pk=import_.pk)
        return rows.filter(state=State.COMPLETED).exists()

    assert wait_until(is_completed, 30), cluster.log
    assert time.monotonic() - began < WITHIN_SECONDS
    assert fresh(batch).state == "running", "It ended too soon to be in the way."
    ends(batch, "done", cluster)
    assert reverted(batch) == PLAYERS * IMPORTS
