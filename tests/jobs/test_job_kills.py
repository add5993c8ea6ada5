"""Real workers are killed in the middle of jobs: nothing is repeated, nothing lost."""

import contextlib

import pytest

from imports.models import Orphan
from imports.orphans import retry
from scores.derived.integrity import check_user
from scores.models import PlayerToRerate, Score
from tachi.jobs.models import Job, State
from tests.factories import NOON, make_chart, make_import, make_song, make_user, play
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until
from tests.imports.scratch import scratch_database
from tests.seeds import load_changed
from tests.state import state_of

pytestmark = [pytest.mark.slow, reads_proc]

SONG = 700_000
ORPHANS, PLAYERS, SCORES = 6_000, 24, 300


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url


@pytest.fixture
def cluster(tmp_path, database_url):
    # Long enough for a busy machine: whoever is slower counts as stalled.
    cluster = Cluster(tmp_path, database_url, workers=1, IMPORT_LEASE_SECONDS=10)
    yield cluster
    cluster.end()


def kill_workers_until_done(cluster, job, kills=3):
    """Kill whoever works on it, each time that it got on."""
    done = killed = 0

    def got_on():
        job.refresh_from_db()
        return job.done > done or job.state == State.DONE

    while killed < kills:
        assert wait_until(got_on, 120), cluster.log
        if job.state == State.DONE:
            break
        done = job.done
        with contextlib.suppress(ValueError, LookupError):  # it is being replaced
            cluster.kill(*cluster.workers)
            killed += 1
    assert killed, "It was done too soon to be killed."

    def is_done():
        job.refresh_from_db()
        return job.state == State.DONE

    assert wait_until(is_done, 180), cluster.log


def test_orphans_become_scores_once_whoever_dies(cluster):
    user = make_user()
    scores = range(9_000_000, 9_000_000 + ORPHANS)
    import_ = make_import(user, *(play(SONG, n, NOON + n) for n in scores))
    make_chart(song=make_song(song_id=SONG))
    job = retry(user)
    kill_workers_until_done(cluster, job)
    assert job.result == {
        "processed": ORPHANS,
        "success": ORPHANS,
        "failed": 0,
        "removed": 0,
    }
    assert import_.scores.count() == ORPHANS
    assert not Orphan.objects.filter(user=user).exists()
    assert check_user(user.pk) == []


def test_players_are_rated_again_whoever_dies(cluster):
    users = [make_user() for _ in range(PLAYERS)]
    charts = [make_chart() for _ in range(SCORES)]
    for user in users:
        make_import(user, *(play(chart, 9_000_000, NOON) for chart in charts))
    load_changed(*charts, levelNum=20)
    job = Job.objects.filter(kind="rerate").latest("pk")
    kill_workers_until_done(cluster, job)
    assert not PlayerToRerate.objects.exists()
    assert job.result["players"] == PLAYERS
    assert job.result["scores"] == PLAYERS * SCORES
    for user in users:
        found = state_of(user)
        assert check_user(user.pk, repair=True) == []
        assert state_of(user) == found
    assert Score.objects.filter(chart__in=charts).count() == PLAYERS * SCORES
