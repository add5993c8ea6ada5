"""A page of another origin may ask for nothing in the name of who is logged in."""

import pytest

from tachi.accounts.models import ApiToken
from tests.factories import make_chart, make_import, make_token, make_user, play

pytestmark = pytest.mark.django_db

OURS = "http://testserver"
LOGIN = "/api/v1/auth/login"
CREDENTIALS = {"username": "player", "!password": "a good one", "captcha": "x"}
ELSEWHERE = [
    {"Origin": "http://testserver:8080"},
    {"Origin": "https://testserver"},
    {"Origin": "http://evil.testserver"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://[half"},
    {"Origin": "http://testserver:port"},
    {"Origin": "http://testserver/page"},
    {"Origin": "http://testserver?page"},
    {"Origin": "http://testserver#page"},
    {"Origin": "http://user@testserver"},
    {"Origin": "http://tachi.example.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "SAME-SITE", "Origin": OURS},
]
FROM_HERE = [
    {},
    {"Origin": OURS},
    {"Origin": "http://testserver:80"},
    {"Origin": "https://tachi.example"},
    {"Origin": "https://moderators.example"},
    {"Origin": "https://a.pages.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": OURS},
    {"Sec-Fetch-Site": "none"},
]


@pytest.fixture(autouse=True)
def site(settings):
    settings.OUR_URL = "https://tachi.example:443/"
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://moderators.example",
        "https://*.pages.example",
    ]


@pytest.fixture
def player():
    return make_user("player", password="a good one")


@pytest.fixture
def import_(player):
    return make_import(player, play(make_chart()))


def refused(answer):
    """Whether it is the refusal of another origin, in the envelope."""
    if answer.status_code != 403:
        return False
    body = answer.json()
    assert (body["success"], set(body)) == (False, {"success", "description"})
    return "another origin" in body["description"]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_page_elsewhere_cannot_act_for_who_is_logged_in(
    api, player, import_, headers
):
    api.login(player)
    acts = [
        ("POST", f"/api/v1/imports/{import_.import_id}/revert"),
        ("POST", f"/api/v1/users/{player.pk}/api-tokens/create"),
        ("PATCH", f"/api/v1/scores/{import_.scores.get().score_id}"),
        ("DELETE", f"/api/v1/scores/{import_.scores.get().score_id}"),
        ("PUT", "/api/v1/status"),
        ("POST", "/api/v1/import/orphans"),
        ("POST", "/ir/direct-manual/import"),
        ("POST", "/api/v1/auth/logout"),
        ("POST", LOGIN),
    ]
    for method, path in acts:
        assert refused(api.send(method, path, {}, headers=headers)), path
    import_.refresh_from_db()
    assert import_.state == "completed"
    assert not ApiToken.objects.exists()
    assert api.get("/api/v1/users/me", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", FROM_HERE)
def test_our_pages_and_scripts_can(api, player, import_, headers):
    api.login(player)

    answer = api.post(f"/api/v1/imports/{import_.import_id}/revert", headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize("headers", ELSEWHERE[:1] + ELSEWHERE[-3:])
def test_a_token_acts_from_anywhere_and_the_cookie_beside_it_counts_for_nothing(
    api, player, import_, headers
):
    token = make_token(player, "delete_score")
    stranger = make_user("stranger")
    path = f"/api/v1/imports/{import_.import_id}/revert"
    api.login(stranger)
    assert api.post(path, token=token).status_code == 403  # a session comes first

    assert api.post(path, token="wrong", headers=headers).status_code == 401
    answer = api.post(path, token=token, headers=headers)

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Credentials"] == "false"


@pytest.mark.parametrize("headers", ELSEWHERE[:1] + ELSEWHERE[-3:])
def test_a_page_elsewhere_cannot_log_anybody_in(api, player, headers):
    answer = api.post(LOGIN, CREDENTIALS, headers=headers)

    assert refused(answer)
    assert not answer.cookies
    assert api.post(LOGIN, CREDENTIALS, headers={"Origin": OURS}).status_code == 200


def test_a_guest_is_told_that_nobody_knows_him_wherever_he_comes_from(api, import_):
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    path = f"/api/v1/imports/{import_.import_id}/revert"

    assert api.post(path, headers=headers).status_code == 401
    assert api.post("/api/v1/status", headers=headers).status_code == 200


def test_behind_tls_our_origin_is_https(api, player, import_, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    api.login(player)
    path = f"/api/v1/imports/{import_.import_id}/revert"
    tls = {"X-Forwarded-Proto": "https", "Host": "testserver"}

    assert refused(api.post(path, headers={**tls, "Origin": OURS}))
    ours = {**tls, "Origin": "https://testserver"}
    assert api.post(path, headers=ours).status_code == 200
