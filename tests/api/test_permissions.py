from types import SimpleNamespace

import pytest

from tachi.accounts.authentication import Guest
from tachi.accounts.models import ApiToken, AuthLevel, Permission
from tachi.accounts.permissions import (
    require_owner,
    require_owner_or_admin,
    require_permission,
    require_self,
    require_user,
)
from tachi.api.envelope import Refused
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def session(user):
    return SimpleNamespace(user=user, auth=None)


def with_token(user, *permissions):
    token = ApiToken(user=user, permissions=list(permissions))
    return SimpleNamespace(user=user, auth=token)


def guest():
    return SimpleNamespace(user=Guest(), auth=None)


def status(require, *args):
    try:
        require(*args)
    except Refused as error:
        return error.status
    return 200


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def admin():
    return make_user(auth_level=AuthLevel.ADMIN)


def test_a_guest_is_401_where_a_user_is_needed(owner):
    assert status(require_user, guest()) == 401
    assert status(require_user, with_token(owner)) == 200


def test_missing_permissions_are_listed(owner):
    needed = (Permission.DELETE_SCORE, Permission.SUBMIT_SCORE)
    with pytest.raises(Refused) as caught:
        require_permission(with_token(owner, "customise_score"), *needed)

    assert caught.value.status == 403
    assert caught.value.text.endswith(": delete_score, submit_score")
    assert status(require_permission, guest(), *needed) == 401
    assert status(require_permission, session(owner), *needed) == 200
    assert status(require_permission, with_token(owner, *needed), *needed) == 200


def test_owner_or_admin_is_the_owner_or_an_admins_session(owner, admin):
    def asks(request):
        return status(require_owner_or_admin, request, owner.pk)

    assert asks(guest()) == 401
    assert asks(with_token(owner)) == 200
    assert asks(session(owner)) == 200
    assert asks(session(make_user())) == 403
    assert asks(session(make_user(auth_level=AuthLevel.MODERATOR))) == 403
    assert asks(session(admin)) == 200
    assert asks(with_token(admin, *Permission.values)) == 403


def test_owner_is_nobody_else_and_a_guest_is_403(owner, admin):
    assert status(require_owner, guest(), owner.pk) == 403
    assert status(require_owner, session(admin), owner.pk) == 403
    assert status(require_owner, with_token(owner), owner.pk) == 200


def test_self_is_the_session_of_that_very_user(owner, admin):
    assert status(require_self, guest(), owner) == 401
    assert status(require_self, with_token(owner, *Permission.values), owner) == 403
    assert status(require_self, session(admin), owner) == 403
    assert status(require_self, session(owner), owner) == 200
