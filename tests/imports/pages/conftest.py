import pytest

from tests.factories import make_chart, make_user


@pytest.fixture
def owner(client, db, settings):
    """A player who is signed in, on a site that imports in the request."""
    settings.IMPORT_INLINE = True
    user = make_user("player_one")
    client.force_login(user)
    return user


@pytest.fixture
def charts(db):
    return [make_chart() for _ in range(3)]
