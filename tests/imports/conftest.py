import pytest
from django.db import transaction

from tests.attacks.players import Player
from tests.imports.scratch import scratch_database
from tests.imports.site import Sender, Site


@pytest.fixture(scope="module")
def sender(django_db_setup, django_db_blocker):
    """Made once for all tests of a module, each of which is rolled back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Sender()
        transaction.set_rollback(True)


@pytest.fixture
def site(sender, api, settings):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False
    api.client.raise_request_exception = False
    return Site(api.client, sender)


@pytest.fixture
def player(settings, db):
    """Somebody with a token for everything, and the requests they send."""
    settings.RATE_LIMITS = False
    return Player()


@pytest.fixture(params=["upload", "submit"])
def send(request, site):
    """Send a text for import, by either entrance."""
    return getattr(site, request.param)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory, django_db_blocker):
    """The address of a database of the module's own, which is the default one now."""
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder) as url:
        yield url


@pytest.fixture
def the_long_way(monkeypatch):
    """Imports in the request are accepted first, and then run, as the larger ones."""
    monkeypatch.setattr("imports.at_once.SMALL", 0)
