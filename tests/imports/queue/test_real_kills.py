"""A real worker is killed in the middle of a big import; another one finishes it."""

import json
import sys
import time

import pytest

from imports import pipeline
from imports.models import State
from scores.derived.integrity import check_user
from scores.models import PersonalBest, Score
from tests.factories import HOUR, NOON, document, make_chart, make_user, play
from tests.imports.queue.clusters import Cluster, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
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


def phase_of(import_):
    import_.refresh_from_db()
    return import_.phase


@pytest.mark.parametrize(
    ("phase", "moment"),
    [("importing", 0), ("writing", 0), ("writing", 0.04), ("writing", 0.1)],
)
def test_an_import_of_5000_scores_survives_the_death_of_its_worker(
    cluster, payload, phase, moment
):
    user = make_user()
    sent = pipeline.Sent(user, "file/batch-manual", payload)
    import_ = pipeline.accept(sent, inline=False)
    assert wait_until(lambda: phase_of(import_) == phase), cluster.log
    time.sleep(moment)
    cluster.kill(*cluster.workers)
    import_.refresh_from_db()
    # A fast machine may be through the last moment of writing before the kill.
    workers_needed = 2 if import_.state == State.RUNNING else 1
    assert workers_needed == 2 or moment

    assert wait_until(lambda: is_completed(import_), seconds=30), cluster.log

    assert import_.lease_number == workers_needed
    assert import_.counts["imported"] == SCORES
    assert Score.objects.filter(user=user, source_import=import_).count() == SCORES
    assert PersonalBest.objects.filter(user=user).count() == 500
    assert check_user(user.pk) == []


def is_completed(import_):
    import_.refresh_from_db()
    return import_.state == State.COMPLETED
