import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from rest_framework.decorators import api_view

from tachi.api.envelope import Refused, success
from tachi.api.middleware import ApiMiddleware
from tachi.api.routes import Router

pytestmark = pytest.mark.django_db


@api_view(["GET", "POST"])
def echo(request):
    return success("Echo.", {"data": request.data, "path": request.path})


@api_view(["GET"])
def refuses(request, id="x"):
    raise Refused(409, "Not now.")


@api_view(["GET"])
def breaks(request):
    raise KeyError("secret")


def plain_refusal(request):
    raise Refused(409, "Not now.")


def plain_not_found(request):
    raise Http404


class DomainSaysNo(Exception):
    status, text = 508, "It goes round in circles."


@api_view(["GET"])
def domain_refuses(request):
    raise DomainSaysNo


router = Router()
router.route("api/v1/echo", echo)
router.route("api/v1/things/<id>/refuse", refuses)
router.route("api/v1/break", breaks)
router.route("api/v1/plain-refusal", plain_refusal)
router.route("api/v1/plain-not-found", plain_not_found)
router.route("api/v1/domain-refusal", domain_refuses)
router.route("outside", plain_not_found)
urlpatterns = router.urls
with_these_views = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nothing-here"),
        ("GET", "/api/v1"),
        ("GET", "/api/v1/"),
        ("POST", "/api/v1/nothing/here/"),
        ("PUT", "/api/v1/status"),
        ("DELETE", "/api/v1/config"),
        ("PATCH", "/api/v1/auth/login"),
        ("TRACE", "/api/v1/status"),
        ("FOO", "/api/v1/status"),
        ("FOO", "/api/v1/nothing-here"),
        ("POST", "/ir/nothing/here"),
        ("GET", "/IR/nothing"),
        ("GET", "/api/v1/import/file"),
        ("DELETE", "/api/v1/import/orphans"),
        ("GET", "/ir/direct-manual/import"),
        ("FOO", "/ir/direct-manual/import"),
        ("GET", "/api/v1/imports/x/revert"),
        ("POST", "/api/v1/scores/x"),
        ("PATCH", "/api/v1/users/x/api-tokens"),
        ("DELETE", "/api/v1/users/x/api-tokens/create"),
    ],
)
def test_an_unknown_path_or_method_is_exactly_this_404(api, method, path):
    response = api.send(method, path)

    assert response.status_code == 404
    assert response.json() == {"success": False, "description": "Endpoint Not Found."}
    assert response["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/api/v1/status", "/api/v1/status/", "/API/V1/STATUS", "/Api/v1/Status/"]
)
def test_paths_are_in_any_case_and_may_end_in_a_slash(api, path):
    for response in (api.get(path), api.post(path, {})):
        assert response.status_code == 200


def test_head_is_answered_like_get(api):
    assert api.send("HEAD", "/api/v1/status").status_code == 200


def test_head_is_as_long_as_get_and_has_no_body():
    answered = ApiMiddleware(
        lambda request: HttpResponse(b"body", headers={"Content-Length": "4"})
    )

    response = answered(RequestFactory().head("/api/v1/status"))

    assert (response.content, response["Content-Length"]) == (b"", "4")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_whatever_a_client_accepts_it_gets_json(api, accept):
    response = api.get("/api/v1/status?format=xml", headers={"Accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "image/png"]
)
@with_these_views
def test_a_body_that_is_not_json_counts_as_empty(api, content_type):
    response = api.post("/api/v1/echo", "a=b", content_type=content_type)

    assert response.json()["body"]["data"] == {}


@with_these_views
def test_a_refusal_is_its_status_and_its_sentence(api):
    for path in ["/api/v1/things/x/refuse", "/api/v1/plain-refusal"]:
        response = api.get(path)

        assert response.status_code == 409
        assert response.json() == {"success": False, "description": "Not now."}


@with_these_views
def test_the_domain_refuses_without_knowing_the_api(api):
    response = api.get("/api/v1/domain-refusal")

    assert response.status_code == 508
    assert response.json()["description"] == "It goes round in circles."


@pytest.mark.parametrize("debug", [True, False])
@with_these_views
def test_a_bug_is_a_500_that_tells_nothing(api, debug, settings):
    settings.DEBUG = debug
    api.client.raise_request_exception = False

    response = api.get("/api/v1/break")

    assert response.status_code == 500
    assert response.json() == {
        "success": False,
        "description": "An internal server error has occured.",
    }


@pytest.mark.parametrize("debug", [True, False])
@with_these_views
def test_djangos_own_pages_do_not_leave_the_api(api, debug, settings):
    settings.DEBUG = debug
    for path in ["/api/v1/plain-not-found", "/api/v1/not-routed-at-all"]:
        response = api.get(path)

        assert response.status_code == 404
        assert response.json()["success"] is False


def test_a_host_that_is_not_ours_is_told_so_in_json(api, settings):
    settings.ALLOWED_HOSTS = ["tachi.example"]

    response = api.get("/api/v1/status", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert response.json()["success"] is False


@with_these_views
def test_outside_the_api_pages_stay_pages(api):
    response = api.get("/outside")

    assert response["Content-Type"].startswith("text/html")
    assert "Access-Control-Allow-Origin" not in response


def test_every_answer_allows_any_origin_to_send_a_token(api):
    for path in ["/api/v1/status", "/api/v1/nothing", "/ir/nothing"]:
        response = api.get(path)

        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Access-Control-Allow-Credentials"] == "false"
        assert "Authorization" in response["Access-Control-Allow-Headers"]
        assert "X-User-Intent" in response["Access-Control-Allow-Headers"]
        assert "PATCH" in response["Access-Control-Allow-Methods"]


def test_scripts_on_other_sites_may_send_and_read_what_the_api_needs(api):
    allowed = "Content-Type, X-User-Intent, Authorization, X-Infer-Score-TimeAchieved"
    exposed = "ETag, Link, Retry-After, X-Request-ID"
    for method in ("GET", "OPTIONS"):
        response = api.send(method, "/api/v1/status")

        assert response["Access-Control-Allow-Headers"] == (
            f"{allowed}, Idempotency-Key, If-None-Match"
        )
        assert response["Access-Control-Expose-Headers"] == (
            f"{exposed}, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
        )


@pytest.mark.parametrize("path", ["/ir/direct-manual/import", "/api/v1/anything"])
def test_options_is_answered_before_anybody_is_identified(api, path):
    response = api.send("OPTIONS", path, token="unknown", body="{bad")

    assert response.status_code == 200
    assert response.content == b""
    assert response["Access-Control-Allow-Origin"] == "*"


def test_the_api_is_not_redirected_to_https(api, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert api.post("/api/v1/status", {"echo": "x"}).status_code == 200
    assert api.get("/admin/").status_code == 301
