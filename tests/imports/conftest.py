import pytest

from tests.imports.scratch import scratch_database
from tests.imports.site import Site


@pytest.fixture
def site(api, settings):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False
    api.client.raise_request_exception = False
    return Site(api.client)


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
