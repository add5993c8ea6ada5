import pytest

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
