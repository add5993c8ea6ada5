import pytest

from tests.attacks.players import Player
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
