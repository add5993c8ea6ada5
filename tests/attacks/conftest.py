import pytest

from tests.attacks.players import Player
from tests.imports.queue.clusters import Cluster
from tests.imports.scratch import scratch_database


@pytest.fixture
def player(settings, db):
    """Somebody with a token for everything, and the requests they send."""
    settings.RATE_LIMITS = False
    return Player()


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    """The address of a database of the module's own, which is the default one now.

    For tests with real processes, which cannot see a test's transaction.
    """
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url


@pytest.fixture
def start_cluster(tmp_path, database_url):
    """Start a real cluster on the scratch database; all end with the test."""
    started = []

    def start(*options, database_url=database_url, **settings):
        folder = tmp_path / f"cluster_{len(started)}"
        folder.mkdir()
        started.append(Cluster(folder, database_url, *options, **settings))
        return started[-1]

    yield start
    for cluster in started:
        cluster.end()
