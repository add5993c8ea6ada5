import pytest

from tests.imports.scratch import scratch_database


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    """The address of a database of the module's own, which is the default one now."""
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url
