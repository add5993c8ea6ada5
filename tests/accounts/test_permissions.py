import pytest
from django.db.models import F
from rest_framework.decorators import action

from tachi.accounts.models import AuthLevel, Permission, User
from tachi.accounts.permissions import IsOwner, IsOwnerOrAdmin, IsSelf, TokenMay
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.routes import Router
from tachi.api.viewsets import ResourceViewSet
from tests.factories import make_token, make_user

DELETE, SUBMIT = Permission.DELETE_SCORE, Permission.SUBMIT_SCORE


class ThingViewSet(ResourceViewSet):
    """Everybody has a thing, under their name."""

    queryset = User.objects.annotate(user_id=F("pk"))
    lookup_field = "username"

    @action(detail=True, permission_classes=[IsOwner])
    def owner(self, request, username):
        return success("", self.get_object().pk)

    @action(detail=True, permission_classes=[IsOwnerOrAdmin])
    def owner_or_admin(self, request, username):
        return success("", self.get_object().pk)

    @action(detail=True, permission_classes=[IsSelf])
    def self(self, request, username):
        return success("", self.get_object().pk)

    @action(detail=False, permission_classes=[TokenMay(DELETE, SUBMIT)])
    def two_permissions(self, request):
        return success("", {})


class UserThingViewSet(UserResourceViewSet):
    """The things below `users/<user>`."""

    permission_classes = [IsSelf, TokenMay(DELETE)]

    def list(self, request, user):
        return success("", self.get_user().pk)


router = Router()
router.register("api/v1/things", ThingViewSet)
router.register("api/v1/users/<user>/things", UserThingViewSet)
urlpatterns = router.urls
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def owner():
    return make_user("owner")


@pytest.fixture
def admin():
    return make_user(auth_level=AuthLevel.ADMIN)


@pytest.fixture
def asks(api):
    """The status of a request for the owner's thing, by a session or a token."""

    def ask(path, user=None, token=None):
        api.client.logout()
        if user is not None:
            api.login(user)
        return api.get(f"/api/v1/things/{path}", token=token).status_code

    return ask


def test_missing_permissions_are_listed(api, asks, owner):
    path = "/api/v1/things/two_permissions"
    refused = api.get(path, token=make_token(owner, "customise_score"))

    assert refused.status_code == 403
    assert refused.json()["description"] == (
        "You are missing the following permissions necessary for this request: "
        "delete_score, submit_score"
    )
    assert asks("two_permissions") == 401
    assert asks("two_permissions", owner) == 200
    assert asks("two_permissions", token=make_token(owner, DELETE)) == 403
    assert asks("two_permissions", token=make_token(owner, DELETE, SUBMIT)) == 200


def test_owner_or_admin_is_the_owner_or_an_admins_session(asks, owner, admin):
    path = "owner/owner_or_admin"

    assert asks(path) == 401
    assert asks(path, token=make_token(owner)) == 200
    assert asks(path, owner) == 200
    assert asks(path, make_user()) == 403
    assert asks(path, make_user(auth_level=AuthLevel.MODERATOR)) == 403
    assert asks(path, admin) == 200
    assert asks(path, token=make_token(admin, *Permission.values)) == 403


def test_owner_is_nobody_else_and_a_guest_is_403(asks, owner, admin):
    assert asks("owner/owner") == 403
    assert asks("owner/owner", admin) == 403
    assert asks("owner/owner", token=make_token(owner)) == 200
    assert asks("owner/owner", owner) == 200


def test_self_is_the_session_of_that_very_user(asks, owner, admin):
    assert asks("owner/self") == 401
    assert asks("owner/self", token=make_token(owner, *Permission.values)) == 403
    assert asks("owner/self", admin) == 403
    assert asks("owner/self", owner) == 200


@pytest.mark.parametrize("permission", ["owner", "owner_or_admin", "self"])
def test_what_does_not_exist_is_404_to_everybody(asks, owner, permission):
    for user in (None, owner):
        assert asks(f"nobody/{permission}", user) == 404


def test_below_a_user_that_user_has_to_exist_first(api, owner):
    assert api.get("/api/v1/users/nobody/things").status_code == 404
    assert api.get("/api/v1/users/owner/things").status_code == 401
    assert api.login(owner).get("/api/v1/users/owner/things").status_code == 200
