import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.decorators import api_view

from tachi.accounts.views import accounts as account_views
from tachi.api.addresses import address_of
from tachi.api.envelope import success
from tachi.api.routes import Router
from tachi.api.throttles import Poll, ScoreImport, limited
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db


@api_view(["GET", "POST"])
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


def seconds_left(response, clock):
    """Until the window ends, and requests are taken again."""
    return int(response["X-RateLimit-Reset"]) - clock.now


def test_the_headers_count_down(api, throttle_clock):
    for path, left in [("status", "499"), ("nothing", "498"), ("status", "497")]:
        response = api.get(f"/api/v1/{path}")

        assert limits(response) == ("500", left)
        assert 0 < int(response["X-RateLimit-Reset"]) - throttle_clock.now <= 60


def test_too_many_requests_are_a_429_with_these_keys(api, settings, throttle_clock):
    settings.RATE_LIMIT = 2
    for _ in range(2):
        assert api.get("/api/v1/status").status_code == 200

    response = api.get("/api/v1/status")

    assert response.status_code == 429
    assert int(response["Retry-After"]) == seconds_left(response, throttle_clock)
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


@pytest.mark.parametrize(
    "malformed",
    [
        {"path": "/ir/nothing", "body": "{bad"},
        {"path": "/api/v1/status", "body": "[1"},
        {"path": "/api/v1/auth/login", "body": "{"},
        {"path": "/api/v1/auth/logout", "body": "7"},
        {"path": "/api/v1/imports/%00/poll-status"},
        {"path": "/api/v1/status", "headers": {"Authorization": "Basic x"}},
        {"path": "/api/v1/status", "headers": {"Host": "evil.example"}},
    ],
)
def test_a_malformed_request_counts_and_stays_400(api, settings, malformed):
    settings.RATE_LIMIT, settings.ALLOWED_HOSTS = 2, ["testserver"]
    for left in ("1", "0", "0"):
        response = api.send("POST", **malformed)
        assert (response.status_code, limits(response)) == (400, ("2", left))

    assert api.get("/api/v1/status").status_code == 429


def test_who_is_told_what_is_wrong_with_a_body_has_been_counted_once(api):
    response = api.post("/api/v1/auth/login", {})

    assert (response.status_code, limits(response)) == (400, ("15", "14"))
    assert limits(api.get("/api/v1/status")) == ("500", "499")


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


def test_logins_have_a_stricter_limit_and_do_not_count_as_requests(api, throttle_clock):
    for left in range(14, -1, -1):
        assert limits(api.post("/api/v1/auth/login", {})) == ("15", str(left))

    response = api.post("/api/v1/auth/login", {})

    assert response.status_code == 429
    assert int(response["Retry-After"]) == seconds_left(response, throttle_clock) > 60
    assert limits(api.get("/api/v1/status")) == ("500", "499")


@with_these_views
def test_of_several_limits_the_one_that_refuses_first_is_told(api, settings):
    settings.RATE_LIMIT = 302
    for path in ["/api/v1/within", "/ir/within"] * 3:
        assert limits(api.get(path))[0] == "300"
    for _ in range(3):
        assert limits(api.get("/api/v1/status"))[0] == "302"

    assert limits(api.get("/api/v1/within")) == ("302", "292")


@with_these_views
def test_imports_are_limited_by_token_and_less_strictly_by_address(api, settings):
    settings.RATE_LIMIT = 1000
    tokens = [make_token(make_user(), "submit_score") for _ in range(6)]

    def send(token, **sender):
        return api.post("/ir/within", {}, token=token, **sender)

    for left in range(59, -1, -1):
        response = send(tokens[0])
        assert (response.status_code, limits(response)) == (200, ("60", str(left)))
    assert limits(send(tokens[0])) == ("60", "0")
    statuses = [send(token).status_code for token in tokens[1:] for _ in range(50)]
    assert statuses == [200] * 239 + [429] * 11

    assert send(tokens[1], REMOTE_ADDR="10.1.2.3").status_code == 200


def test_an_arcade_of_many_cabinets_can_send_its_scores(api):
    """The original takes five a minute of all behind one address."""
    tokens = [make_token(make_user(), "submit_score") for _ in range(3)]
    for token in tokens * 3:
        response = api.post("/ir/direct-manual/import", {}, token=token)
        assert (response.status_code, limits(response)[0]) == (202, "60")


def test_a_token_has_as_many_requests_as_an_address_wherever_it_is_used(api, settings):
    settings.RATE_LIMIT = 4
    token = make_token(make_user())
    paths = ["/api/v1/status", "/ir/direct-manual/import"] * 2
    for number, path in enumerate(paths):
        response = api.get(path, token=token, REMOTE_ADDR=f"10.0.0.{number}")
        assert response.status_code in (200, 404)
        assert limits(response) == ("4", str(3 - number))

    refused = api.get("/api/v1/status", token=token, REMOTE_ADDR="10.0.0.9")

    assert refused.status_code == 429
    assert api.get("/api/v1/status", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_session_counts_as_its_users_token(api, settings):
    settings.RATE_LIMIT = 1
    api.login(make_user())
    api.get("/api/v1/status", REMOTE_ADDR="10.0.0.1")

    assert api.get("/api/v1/status", REMOTE_ADDR="10.0.0.2").status_code == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_an_address_is_what_one_subscriber_has(api, settings, one, other, same):
    settings.RATE_LIMIT = 1
    api.get("/api/v1/status", REMOTE_ADDR=one)

    second = api.get("/api/v1/status", REMOTE_ADDR=other)

    assert second.status_code == (429 if same else 200)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("forged, 198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::9]:4711", "2001:db8::/64"),
        ("2001:db8::9", "2001:db8::/64"),
        ("nobody knows", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_what_a_proxy_tells_is_an_address_or_is_not_believed(settings, said, meant):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}

    request = RequestFactory().get("/", headers={"X-Forwarded-For": said})

    assert address_of(request) == meant


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
