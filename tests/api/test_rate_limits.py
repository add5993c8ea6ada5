import pytest
from django.http import HttpResponse
from rest_framework.decorators import api_view

from tachi.accounts import views as account_views
from tachi.api.envelope import success
from tachi.api.routes import Router
from tachi.api.throttles import Poll, ScoreImport, limited
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db


@api_view(["GET"])
def within(request):
    ScoreImport().check(request)
    return success("Within.", {})


@limited(Poll)
def poll(request):
    return HttpResponse("{}", content_type="application/json")


router = Router()
router.route("api/v1/within", within)
router.route("ir/within", within)
router.route("ir/open", account_views.status)
router.route("api/v1/poll", poll)
router.route("api/v1/status", account_views.status)
urlpatterns = router.urls
with_these_views = pytest.mark.urls(__name__)


def limits(response):
    return response.get("X-RateLimit-Limit"), response.get("X-RateLimit-Remaining")


def test_the_headers_count_down(api, throttle_clock):
    for path, left in [("status", "499"), ("nothing", "498"), ("status", "497")]:
        response = api.get(f"/api/v1/{path}")

        assert limits(response) == ("500", left)
        assert 0 < int(response["X-RateLimit-Reset"]) - throttle_clock.now <= 60


def test_too_many_requests_are_a_429_with_these_keys(api, settings):
    settings.RATE_LIMIT = 2
    for _ in range(2):
        assert api.get("/api/v1/status").status_code == 200

    response = api.get("/api/v1/status")

    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert limits(response) == ("2", "0")
    body = response.json()
    assert set(body) == {"success", "description", "status", "message"}
    assert (body["success"], body["status"]) == (False, 429)
    assert isinstance(body["description"], str)
    assert isinstance(body["message"], str)


def test_api_and_ir_share_one_counter(api, settings):
    settings.RATE_LIMIT = 2
    api.get("/api/v1/status")
    assert limits(api.get("/ir/nothing")) == ("2", "0")

    assert api.get("/ir/nothing").status_code == 429
    assert api.get("/api/v1/status").status_code == 429


def test_an_address_has_a_counter_of_its_own(api, settings):
    settings.RATE_LIMIT = 1
    api.get("/api/v1/status")

    assert api.get("/api/v1/status").status_code == 429
    assert api.get("/api/v1/status", REMOTE_ADDR="10.1.2.3").status_code == 200


def test_a_new_window_starts_at_none(api, settings, throttle_clock):
    settings.RATE_LIMIT = 1
    api.get("/api/v1/status")
    assert api.get("/api/v1/status").status_code == 429

    throttle_clock.now += 60

    assert api.get("/api/v1/status").status_code == 200


def test_a_forwarded_address_counts_only_behind_a_proxy_of_ours(api, settings):
    def remaining(forwarded):
        response = api.get("/api/v1/status", headers={"X-Forwarded-For": forwarded})
        return response["X-RateLimit-Remaining"]

    assert (remaining("1.1.1.1"), remaining("2.2.2.2")) == ("499", "498")

    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert (remaining("9.9.9.9, 1.1.1.1"), remaining("2.2.2.2")) == ("499", "499")
    assert remaining("8.8.8.8, 1.1.1.1") == "498"


def test_under_ir_a_wrong_token_is_counted_and_under_api_it_is_not(api):
    assert limits(api.get("/api/v1/status", token="wrong")) == (None, None)
    assert limits(api.get("/ir/nothing", token="wrong")) == ("500", "499")


@with_these_views
def test_a_request_under_ir_is_counted_once(api):
    assert limits(api.get("/ir/open")) == ("500", "499")
    assert limits(api.get("/ir/open")) == ("500", "498")


def test_a_malformed_body_is_not_counted(api):
    assert limits(api.post("/ir/nothing", "{bad")) == (None, None)
    assert limits(api.post("/ir/nothing", {})) == ("500", "499")


@pytest.mark.parametrize("path", ["import/file", "import/orphans", "users/no/imports"])
def test_who_is_refused_is_counted_too(api, path):
    assert limits(api.post(f"/api/v1/{path}")) == ("500", "499")


def test_a_submission_without_the_permission_does_not_count_as_one(api):
    powerless = make_token(make_user())
    for left in range(499, 489, -1):
        response = api.post("/ir/direct-manual/import", {}, token=powerless)
        assert (response.status_code, limits(response)) == (403, ("500", str(left)))


def test_a_wrong_method_is_no_submission(api):
    assert limits(api.get("/api/v1/import/file")) == ("500", "499")
    assert limits(api.get("/ir/direct-manual/import")) == ("500", "498")


def test_logins_have_a_stricter_limit_and_do_not_count_as_requests(api):
    for left in range(14, -1, -1):
        assert limits(api.post("/api/v1/auth/login", {})) == ("15", str(left))

    response = api.post("/api/v1/auth/login", {})

    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert limits(api.get("/api/v1/status")) == ("500", "499")


@with_these_views
def test_a_limit_inside_a_view_shows_instead_of_the_wider_one(api):
    for path in ["/api/v1/within", "/ir/within", "/api/v1/within"]:
        response = api.get(path)
        assert (response.status_code, response["X-RateLimit-Limit"]) == (200, "5")
    assert response["X-RateLimit-Remaining"] == "2"
    api.get("/ir/within")
    api.get("/ir/within")

    assert api.get("/ir/within").status_code == 429


@with_these_views
def test_a_plain_view_may_be_limited_too(api, monkeypatch):
    monkeypatch.setattr(Poll, "requests", 1)
    assert limits(api.get("/api/v1/poll")) == ("1", "0")

    response = api.get("/api/v1/poll")

    assert response.status_code == 429
    assert response.json()["status"] == 429
    assert limits(api.get("/api/v1/status")) == ("500", "499")


@with_these_views
def test_a_plain_view_costs_no_query_even_with_a_session_cookie(
    api, django_assert_num_queries
):
    api.client.cookies["Tachi_SESSION"] = "something"

    with django_assert_num_queries(0):
        response = api.get("/api/v1/poll", token="whatever")

    assert response.status_code == 200


@with_these_views
def test_all_limits_can_be_switched_off(api, settings):
    settings.RATE_LIMITS, settings.RATE_LIMIT = False, 1
    for path in ["/api/v1/status", "/ir/within", "/api/v1/poll"]:
        for _ in range(7):
            response = api.get(path)
            assert response.status_code == 200
        assert limits(response) == (None, None)
