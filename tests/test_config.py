"""What a client asks of the site as a whole."""

import pytest

pytestmark = pytest.mark.django_db


def test_the_number_of_rivals_is_one_that_the_web_client_goes_on_with(api):
    body = api.get("/api/v1/config/max-rivals").json()["body"]
    assert isinstance(body, int)
    assert body > 0
