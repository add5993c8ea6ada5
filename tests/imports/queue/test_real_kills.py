"""A real worker is killed in the middle of a big import; another one finishes it."""

import json
import time

import pytest

from imports import pipeline
from imports.models import State
from imports.queue.stops import cancel_import
from scores.derived.integrity import check_user
from scores.models import PersonalBest, Score
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_user,
    play,
)
from tests.imports.files import make_console_chart, s3_song, s3_xml, sdvx_csv, sdvx_row
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until

pytestmark = [
    pytest.mark.slow,
    reads_proc,
]

SCORES = 5_000


@pytest.fixture
def cluster(tmp_path, database_url):
    cluster = Cluster(tmp_path, database_url, workers=1)
    yield cluster
    cluster.end()


@pytest.fixture(scope="module")
def payload(database_url):
    charts = [make_chart(level=1 + n % 20) for n in range(500)]
    plays = [
        play(charts[n % 500], 9_000_000 + n, NOON + n * HOUR // 20)
        for n in range(SCORES)
    ]
    return json.dumps(document(*plays)).encode()


def is_completed(import_):
    import_.refresh_from_db()
    return import_.state == State.COMPLETED


def phase_of(import_):
    import_.refresh_from_db()
    return import_.phase


def send(payload, what="", import_type="file/batch-manual"):
    sent = pipeline.Sent(make_user(), import_type, payload, user_agent=what)
    return pipeline.accept(sent, inline=False)


def test_one_whose_worker_is_killed_after_it_was_cancelled_is_not_tried_again(
    cluster, payload
):
    import_ = send(payload)
    assert wait_until(lambda: phase_of(import_) == "importing"), cluster.log
    cancel_import(import_, OPERATOR)
    cluster.kill(*cluster.workers)
    following = send(payload)
    assert wait_until(lambda: is_completed(following), seconds=30), cluster.log
    import_.refresh_from_db()
    assert (import_.state, import_.lease_number) == (State.CANCELLED, 1)
    assert not Score.objects.filter(user=import_.user).exists()


def test_a_worker_leaves_a_cancelled_import_and_takes_the_next(cluster, payload):
    import_ = send(payload)
    assert wait_until(lambda: phase_of(import_) == "importing"), cluster.log
    [worker] = cluster.workers
    began = time.monotonic()
    cancel_import(import_, OPERATOR)
    assert time.monotonic() - began < 2
    following = send(payload)
    assert wait_until(lambda: is_completed(following), seconds=30), cluster.log
    assert cluster.workers == [worker]
    assert not Score.objects.filter(user=import_.user).exists()
    assert "ERROR" not in cluster.log


def kill_and_wait(cluster, import_):
    """Kill the worker; another one completes the import, as if nothing had happened."""
    cluster.kill(*cluster.workers)
    import_.refresh_from_db()
    assert import_.state == State.RUNNING
    assert not Score.objects.filter(user=import_.user).exists()

    assert wait_until(lambda: is_completed(import_), seconds=30), cluster.log

    assert import_.lease_number == 2
    assert import_.counts["imported"] == SCORES
    assert import_.scores.count() == SCORES
    assert PersonalBest.objects.filter(user=import_.user).count() == 500
    assert check_user(import_.user_id) == []


@pytest.mark.parametrize("phase", ["importing", "writing"])
def test_an_import_of_5000_scores_survives_the_death_of_its_worker(
    cluster, payload, phase
):
    import_ = send(payload)
    assert wait_until(lambda: phase_of(import_) == phase), cluster.log
    kill_and_wait(cluster, import_)


@pytest.mark.parametrize(
    "statement", ['UPDATE "imports_import"', '"scores_score" (', '"class_deltas" =']
)
def test_it_survives_that_in_the_middle_of_the_transaction_that_writes(
    cluster, payload, statement
):
    import_ = send(payload, f"halt {statement}")
    assert wait_until(lambda: cluster.has_halted(import_)), cluster.log
    kill_and_wait(cluster, import_)


def test_a_csv_and_an_xml_survive_the_death_of_the_worker_that_has_them(cluster):
    """The one while it is read, the other in the transaction that writes it."""
    title = make_chart().song.title
    make_console_chart("Moon")
    csv = sdvx_csv(sdvx_row(title, 9_600_000), sdvx_row("Nobody's"))
    xml = s3_xml(s3_song("Moon", 600), s3_song("Nobody's"))

    held = send(csv.encode(), "hold", "file/eamusement-sdvx-csv")
    assert wait_until(lambda: cluster.times_begun(held) == 1), cluster.log
    cluster.kill(cluster.worker_at(held))
    cluster.release()
    halted = send(xml.encode(), 'halt "scores_score" (', "file/solid-state-squad")
    assert wait_until(lambda: cluster.has_halted(halted)), cluster.log
    cluster.kill(cluster.worker_at(halted))

    for import_ in (held, halted):
        assert wait_until(lambda of=import_: is_completed(of), 30), cluster.log
        assert (import_.lease_number, import_.scores.count()) == (2, 1)
        assert import_.counts["orphaned"] == import_.orphans.count() == 1
        assert check_user(import_.user_id) == []
