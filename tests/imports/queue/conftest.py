import pytest

from tests.attacks.players import Player
from tests.imports.queue.clusters import Cluster


@pytest.fixture
def player(settings, db):
    """Somebody with a token for everything, and the requests they send."""
    settings.RATE_LIMITS = False
    return Player()


@pytest.fixture
def start_cluster(tmp_path, database_url):
    """Start a real cluster on the module's database; all end with the test."""
    started = []

    def start(*options, database_url=database_url, **settings):
        folder = tmp_path / f"cluster_{len(started)}"
        folder.mkdir()
        started.append(Cluster(folder, database_url, *options, **settings))
        return started[-1]

    yield start
    for cluster in started:
        cluster.end()
