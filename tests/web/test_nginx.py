"""docs/nginx.conf in the real nginx: what clients of a site see."""

import re
import time
from json import loads

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from tachi.accounts.models import AuthLevel
from tests.factories import document, make_chart, make_token, make_user, play
from tests.web.nginx import nginx
from tests.web.servers import PATIENCE, as_bytes, form, get
from tests.web.slow_clients import KINDS, slow_clients

pytestmark = pytest.mark.slow
STATUS = "/api/v1/status"
LOGIN = "/admin/login/"
MIB = 1024 * 1024
AT_ONCE = 2  # seconds


@pytest.fixture(scope="module")
def site(database_url, tmp_path_factory):
    with nginx(database_url, tmp_path_factory.mktemp("nginx")) as site:
        yield site


@pytest.fixture
def token(database_url):
    return make_token(make_user(), "submit_score")


def upload(site, token, size):
    file = b" " * size + as_bytes(document(play(make_chart())))
    body, content_type = form(file)
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {token}"}
    return site.ask("POST", "/api/v1/import/file", body, headers)


def json(answer):
    assert answer.headers["Content-Type"].startswith("application/json")
    return loads(answer.content)


def test_a_file_of_almost_16_mib_is_taken_and_polled(site, token):
    taken = upload(site, token, 16 * MIB - 1000)

    assert taken.status == 202, taken.content
    url = json(taken)["body"]["url"]
    assert url.startswith("https://localhost/api/v1/imports/")
    poll = site.ask("GET", url.removeprefix("https://localhost"))
    assert json(poll)["body"]["importStatus"] == "ongoing"


def test_a_file_of_17_mib_is_refused_by_the_application(site, token):
    refused = upload(site, token, 17 * MIB)

    assert refused.status == 400
    assert "too large" in json(refused)["description"]


def test_what_is_far_too_large_is_413_in_the_envelope(site, token):
    refused = upload(site, token, 25 * MIB)

    assert refused.status == 413
    assert json(refused)["success"] is False
    assert "too large" in json(refused)["description"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_hold_up_nobody(site, kind):
    with slow_clients(site.plain, kind, 150):
        time.sleep(0.5)
        for _ in range(10):
            assert get(site.plain, STATUS, timeout=AT_ONCE).status == 200


def test_who_sends_no_headers_is_cut_off(site):
    with slow_clients(site.plain, "slow headers", 1) as (client,):
        client.settimeout(PATIENCE)
        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            client.recv(1000)
        assert 5 < time.monotonic() - began < 20


def test_all_but_the_api_is_redirected_to_https(site):
    redirected = site.ask("GET", "/admin/", tls=False)

    assert redirected.status == 301
    assert redirected.headers["Location"].startswith("https://localhost")
    assert site.ask("GET", STATUS, tls=False).status == 200
    login = site.ask("POST", "/api/v1/auth/login", b"{}", tls=False)
    assert login.status == 301
    assert site.ask("GET", "/admin/").status == 302


def test_static_files_come_from_nginx(site):
    file = site.ask("GET", "/static/a.css", headers={"Accept-Encoding": "gzip"})

    assert file.status == 200
    assert file.headers["Cache-Control"] == "max-age=3600"
    assert file.headers["Content-Encoding"] == "gzip"


def test_a_moderator_logs_in_through_tls(site):
    boss = make_user("boss", is_staff=True, auth_level=AuthLevel.ADMIN)
    # As the server hashes it: tests hash passwords in a cheaper way.
    boss.password = make_password("correct horse", hasher=PBKDF2PasswordHasher())
    boss.save()
    page = site.ask("GET", LOGIN)
    csrf = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    cookie = page.headers["Set-Cookie"]
    assert "Secure" in cookie

    sent = f"csrfmiddlewaretoken={csrf}&username=boss&password=correct+horse"
    headers = {
        "Cookie": cookie.split(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost{LOGIN}",
    }
    answer = site.ask("POST", LOGIN, sent, headers)

    assert answer.status == 302, answer.content
    assert "Secure" in answer.headers["Set-Cookie"]


def test_passwords_of_the_admin_are_not_guessed_in_masses(site):
    guesses = [
        site.ask("POST", LOGIN, "username=boss", source="127.0.0.7") for _ in range(15)
    ]

    assert guesses[0].status != 429
    assert guesses[-1].status == 429
    assert json(guesses[-1])["success"] is False
    assert guesses[-1].headers["Retry-After"]
    assert site.ask("GET", LOGIN, source="127.0.0.8").status == 200


def begin_early_in_a_minute():
    """Requests are counted by the minute; a test of some seconds fits into one."""
    second = time.time() % 60
    if second > 50:
        time.sleep(60.5 - second)


def test_requests_are_counted_by_the_address_that_nginx_saw(
    database_url, tmp_path, redis_url
):
    """In Redis, by two gunicorns together."""
    limited = {"RATE_LIMITS": "on", "RATE_LIMIT": "7", "CACHE_URL": redis_url}
    with nginx(database_url, tmp_path, **limited) as site:
        begin_early_in_a_minute()
        said = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(20)]
        statuses = [
            site.ask("GET", STATUS, headers=each, source="127.0.0.2").status
            for each in said
        ]
        other = site.ask("GET", STATUS, source="127.0.0.3")

    assert statuses == [200] * 7 + [429] * 13
    assert (other.status, other.headers["X-RateLimit-Remaining"]) == (200, "6")


def test_the_other_gunicorn_answers_where_one_has_gone(database_url, tmp_path):
    with nginx(database_url, tmp_path) as site:
        one, other = site.gunicorns
        one.terminate()
        one.wait(PATIENCE)
        assert {site.ask("GET", STATUS).status for _ in range(10)} == {200}

        other.terminate()
        other.wait(PATIENCE)
        away = site.ask("GET", STATUS)

    assert away.status == 503
    assert json(away)["success"] is False
    assert away.headers["Retry-After"]
