import pytest
from django.http import HttpResponse
from django.urls import resolve, reverse
from rest_framework.decorators import action
from rest_framework.schemas.generators import EndpointEnumerator

from tachi.api.envelope import success
from tachi.api.routes import Router, anything_under, under
from tachi.api.viewsets import ResourceViewSet


class ThingViewSet(ResourceViewSet):
    lookup_field = "thing_id"

    def list(self, request, **address):
        return success("list", address)

    def create(self, request, **address):
        return success("create", address)

    def retrieve(self, request, **address):
        return success("retrieve", address)

    @action(detail=False)
    def newest(self, request, **address):
        return success("newest", address)

    @action(detail=True, methods=["post"], url_path="turn/<side>")
    def turn(self, request, **address):
        return success("turn", address)


class PartViewSet(ThingViewSet):
    lookup_url_kwarg = "part"


def plain(request, **address):
    return HttpResponse(f"plain {address}")


router = Router()
router.register("things", ThingViewSet)
router.register("things/<thing_id>/of/<owner>", PartViewSet)
router.route("plain/<key>", plain)
router.route("plain/key", plain)
urlpatterns = [under("api/v1", router), anything_under("api/v1", plain)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.mark.parametrize(
    ("method", "path", "action", "address"),
    [
        ("GET", "things", "list", {}),
        ("POST", "things", "create", {}),
        ("GET", "things/newest", "newest", {}),
        ("GET", "things/1.5", "retrieve", {"thing_id": "1.5"}),
        ("POST", "things/1/turn/up", "turn", {"thing_id": "1", "side": "up"}),
        ("GET", "things/1/of/Me", "list", {"thing_id": "1", "owner": "Me"}),
        (
            "GET",
            "things/1/of/Me/x-y",
            "retrieve",
            {"thing_id": "1", "owner": "Me", "part": "x-y"},
        ),
        ("GET", "things/1/of/Me/newest", "newest", {"thing_id": "1", "owner": "Me"}),
    ],
)
@pytest.mark.parametrize("end", ["", "/"])
def test_a_viewset_answers_at_its_addresses(api, method, path, action, address, end):
    answer = api.send(method, f"/api/v1/{path}{end}")

    assert answer.status_code == 200
    assert (answer.json()["description"], answer.json()["body"]) == (action, address)


@pytest.mark.parametrize(
    "path", ["/API/V1/THINGS/NEWEST", "/Api/v1/Things/Newest/", "/api/V1/things/newest"]
)
def test_addresses_are_in_any_case(api, path):
    assert api.get(path).json()["description"] == "newest"


@pytest.mark.parametrize("path", ["things//newest", "things/newest//", "thingsnewest"])
def test_what_is_not_an_address_is_left_to_the_rest(api, path):
    assert resolve(f"/api/v1/{path}").func is plain
    assert resolve(f"/api/v1/{path}").kwargs == {}


def test_a_literal_wins_over_a_parameter_that_was_registered_before():
    assert resolve("/api/v1/plain/key").kwargs == {}
    assert resolve("/api/v1/plain/KEY/").kwargs == {}
    assert resolve("/api/v1/plain/keys").kwargs == {"key": "keys"}


def test_a_route_that_is_added_late_is_there():
    late = Router()
    assert late.urls == []
    late.route("late", plain)
    assert [str(each.pattern) for each in late.urls] == ["late"]


def test_addresses_are_made_from_names():
    assert reverse("thing-list") == "/api/v1/things"
    assert reverse("part-detail", args=["1", "Me", "x"]) == "/api/v1/things/1/of/Me/x"
    assert reverse("thing-turn", args=["1", "up"]) == "/api/v1/things/1/turn/up"


def test_addresses_are_read_as_they_are_written():
    listed = EndpointEnumerator(patterns=urlpatterns).get_api_endpoints()
    paths = {path for path, method, view in listed}
    assert "/api/v1/things/{thing_id}/turn/{side}" in paths
    assert resolve("/api/v1/things/1").route == "api/v1/things/<thing_id>"
