import shutil

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.imports.scratch import scratch_database
from tests.web.servers import free_port, running


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    """The address of a database of the module's own, which is the default one now."""
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url


@pytest.fixture
def redis_url(tmp_path):
    """The address of a Redis of the test's own, which is empty."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("There is no redis-server to test with.")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    options += ["--dir", str(tmp_path), "--loglevel", "warning"]
    patient = Retry(ConstantBackoff(0.05), 200)
    with (
        running([program, *options], ""),
        Redis(port=port, retry=patient) as client,
    ):
        client.ping()
        yield f"redis://127.0.0.1:{port}/0"
