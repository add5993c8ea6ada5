import pytest

from tests.imports.queue.clusters import Cluster


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
