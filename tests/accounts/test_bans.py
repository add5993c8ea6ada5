import pytest
from django.urls import reverse

from tachi.accounts.models import AuthLevel
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:imports_import_changelist")


def test_a_banned_moderator_can_do_nothing_in_the_admin(client):
    moderator = make_user(is_staff=True, is_superuser=True)
    client.force_login(moderator)
    assert client.get(PAGE).status_code == 200
    moderator.auth_level = AuthLevel.BANNED
    moderator.save()
    assert client.get(PAGE).status_code == 403
    assert not moderator.has_perm("imports.revert_import")
    assert not moderator.has_module_perms("imports")
