"""Permissions of viewsets: where they stand, and when they are asked."""

import pytest
from rest_framework import decorators
from rest_framework.permissions import BasePermission

from tachi.accounts.models import User
from tachi.api.envelope import success
from tachi.api.routes import Router
from tachi.api.viewsets import ResourceViewSet
from tests.factories import make_token, make_user


def denying(text):
    class Denies(BasePermission):
        message = text

        def has_permission(self, request, view):
            return False

    return Denies


class DeniesObject(BasePermission):
    message = "not this object"

    def has_object_permission(self, request, view, obj):
        return False


class ThingViewSet(ResourceViewSet):
    queryset = User.objects.all()
    lookup_field = "username"
    not_found_text = "There is no such thing."
    permission_classes = [denying("of the class")]

    def list(self, request):
        raise AssertionError("this runs although it is denied")

    def retrieve(self, request, username):
        return success("Found.", self.get_object().pk)

    @decorators.permission_classes([])
    def update(self, request, username):
        return success("Found.", self.get_object().pk)

    @decorators.permission_classes([DeniesObject, denying("of the method")])
    def partial_update(self, request, username):
        return success("Found.", self.get_object().pk)

    @decorators.permission_classes([])
    def destroy(self, request, username):
        thing = self.get_object()
        self.require(DeniesObject(), thing)

    @decorators.action(
        detail=True, permission_classes=[denying("of the action"), DeniesObject]
    )
    def turn(self, request, username):
        return success("Found.", self.get_object().pk)


router = Router()
router.register("api/v1/things", ThingViewSet)
urlpatterns = router.urls
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "", "of the class"),
        ("GET", "/known", "of the class"),
        ("PATCH", "/known", "not this object"),
        ("GET", "/known/turn", "of the action"),
        ("DELETE", "/known", "not this object"),
    ],
)
def test_the_first_permission_that_denies_has_the_word(api, method, path, text):
    make_user("known")
    path = f"/api/v1/things{path}"
    response = api.send(method, path, token=make_token(make_user()))

    assert response.status_code == 403
    assert response.json() == {"success": False, "description": text}
    assert api.send(method, path).status_code == 401
    assert "WWW-Authenticate" not in api.send(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/unknown"),
        ("PUT", "/unknown"),
        ("PATCH", "/unknown"),
        ("DELETE", "/unknown"),
        ("GET", "/unknown/turn"),
    ],
)
def test_an_unknown_object_is_told_before_any_permission(api, method, path):
    response = api.send(method, f"/api/v1/things{path}")

    assert response.status_code == 404
    assert response.json()["description"] == "There is no such thing."


@pytest.mark.parametrize("path", ["", "/known", "/unknown", "/known/turn"])
def test_a_wrong_method_is_told_before_any_permission(api, path):
    make_user("known")

    response = api.post(f"/api/v1/things{path}")

    assert response.status_code == 404
    assert response.json()["description"] == "Endpoint Not Found."


def test_permissions_of_a_method_take_the_place_of_those_of_the_class(api):
    known = make_user("known")

    assert api.send("PUT", "/api/v1/things/known").json()["body"] == known.pk
