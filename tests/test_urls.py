import pytest


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_who_comes_without_an_address_is_shown_the_admin(client, path):
    response = client.get(path)
    assert (response.status_code, response.url) == (302, "/admin/")
