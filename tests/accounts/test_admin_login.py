"""Getting into the admin: how often one may try, and how long it lasts."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from tachi.accounts.models import AuthLevel
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LOGIN, INDEX = reverse("admin:login"), reverse("admin:index")
API = "/api/v1/auth/login"
PASSWORD = "correct horse"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
WRONG = "Please enter the correct username and password for a staff account"


@pytest.fixture
def user():
    return make_user("boss_1", PASSWORD, is_staff=True)


@pytest.fixture
def other():
    return make_user("boss_2", PASSWORD, is_staff=True)


def enter(client, name="boss_1", password=PASSWORD, address=HERE):
    sent = {"username": name, "password": password}
    return client.post(LOGIN, sent, REMOTE_ADDR=address)


def enter_api(api, name="boss_1", password=PASSWORD, address=HERE):
    sent = {"username": name, "!password": password, "captcha": "x"}
    return api.post(API, sent, REMOTE_ADDR=address)


def guess(client, times, **said):
    return {
        enter(client, password="wrong one", **said).status_code for _ in range(times)
    }


def addresses(count):
    return (f"198.51.100.{number}" for number in range(count))


def test_an_address_has_fifteen_attempts_in_ten_minutes_for_both_logins(
    client, api, user, other, throttle_clock
):
    throttle_clock.now = 1_699_999_800  # the beginning of a window
    for number in range(15):
        name = f"nobody_{number}"
        if number % 2:
            assert enter(client, name, "wrong one").status_code == 200
        else:
            assert enter_api(api, name, "wrong one").status_code == 404

    refused = enter(client)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "600"
    page = refused.content.decode()
    assert "too many attempts to log in. Try again in 10 minutes, at 22:20 UTC." in page
    assert enter_api(api).status_code == 429
    assert client.get(INDEX).status_code == 302
    assert enter(client, address=ELSEWHERE).status_code == 302

    throttle_clock.now += 540
    assert "Try again in 1 minute, at" in enter(client, "boss_2").content.decode()
    throttle_clock.now += 60
    assert enter(client).status_code == 302


def test_a_name_has_fifteen_attempts_an_hour_from_all_addresses(
    client, api, user, other, throttle_clock
):
    for address in addresses(15):
        assert enter(client, "BOSS_1", "wrong one", address).status_code == 200

    for attempt in (enter(client), enter_api(api, name="Boss_1")):
        assert attempt.status_code == 429
    assert "Retry-After" in enter(client)
    assert enter(client, "boss_2").status_code == 302
    throttle_clock.now += 3600
    assert enter(client).status_code == 302


def test_who_attacks_one_name_locks_out_nobody_else_at_his_address(client, user, other):
    """Refused attempts do not count for the address."""
    assert guess(client, 10, name="boss_1") == {200}
    for address in addresses(5):
        enter(client, "boss_1", "wrong one", address)
    assert guess(client, 30, name="boss_1") == {429}

    assert enter(client, "boss_2").status_code == 302


def test_who_has_logged_in_somewhere_is_not_locked_out_there_by_others(client, user):
    assert enter(client).status_code == 302
    client.logout()
    for address in addresses(20):
        enter(client, "boss_1", "wrong one", address)
    assert enter(client, address=ELSEWHERE).status_code == 429

    assert enter(client).status_code == 302
    assert guess(client, 20) == {200, 429}


def test_limits_can_be_switched_off(client, user, settings):
    settings.RATE_LIMITS = False
    assert guess(client, 20) == {200}


def test_all_who_do_not_get_in_are_told_the_same(client, user, monkeypatch):
    make_user("no_staff", PASSWORD)
    make_user("not_active", PASSWORD, is_staff=True, is_active=False)
    make_user("banned_1", PASSWORD, is_staff=True, auth_level=AuthLevel.BANNED)
    make_user("no_password", is_staff=True)
    hashed = []

    def hash_once(self, password, *rest):
        hashed.append(password)
        return really(self, password, *rest)

    hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
    from django.contrib.auth.hashers import MD5PasswordHasher

    really = MD5PasswordHasher.encode
    monkeypatch.setattr(f"{hasher}.encode", hash_once)
    pages, work = set(), set()
    for name, password in (
        ("boss_1", "wrong one"),
        ("nobody_here", PASSWORD),
        ("no_staff", PASSWORD),
        ("no_staff", "wrong one"),
        ("not_active", PASSWORD),
        ("banned_1", PASSWORD),
        ("no_password", PASSWORD),
    ):
        hashed.clear()
        answer = enter(client, name, password)
        assert answer.status_code == 200
        errors = answer.context["form"].non_field_errors()
        pages.add(str(errors))
        work.add(len(hashed))
        assert INDEX not in answer.get("Location", "")
    assert len(pages) == 1
    assert WRONG in pages.pop()
    assert work == {1}


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "ÀÉ", "a b", "'--", "%s"])
def test_a_name_that_is_none_is_counted_and_is_no_error(client, name):
    assert {enter(client, name).status_code for _ in range(15)} == {200}
    assert enter(client, name).status_code == 429


class Clock(SimpleNamespace):
    def time(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """The clock of sessions in the admin."""
    found = Clock(now=time.time())
    monkeypatch.setattr("tachi.accounts.admin_site.time", found)
    return found


@pytest.mark.parametrize("by_the_api", [False, True])
def test_the_admin_asks_for_the_password_again_after_some_hours(
    client, api, user, settings, clock, by_the_api
):
    api.client = client
    enter_api(api) if by_the_api else enter(client)
    clock.now += 12 * 3600 - 60
    assert client.get(INDEX).status_code == 200

    clock.now += 120
    pages = [
        INDEX,
        reverse("admin:password_change"),
        reverse("admin:accounts_user_add"),
    ]
    for page in pages:
        for answer in (client.get(page), client.post(page, {"username": "x"})):
            assert answer.status_code == 302
            assert answer.url == f"{LOGIN}?next={page}"
    asked = client.get(LOGIN).content.decode()
    assert "The admin asks for your password every 12 hours." in asked
    assert "not authorized" not in asked
    assert api.get("/api/v1/status").json()["body"]["whoami"] == user.pk

    enter(client)
    clock.now = time.time()
    assert client.get(INDEX).status_code == 200
    assert api.get("/api/v1/status").json()["body"]["whoami"] == user.pk


def test_the_hours_are_a_setting_and_the_session_of_the_api_keeps_its_year(
    client, user, settings, clock
):
    settings.ADMIN_SESSION_HOURS = 1
    enter(client)
    clock.now += 3700

    assert client.get(INDEX).status_code == 302
    left = Session.objects.get().expire_date - datetime.now(UTC)
    assert left.days > 360


def test_a_session_of_an_earlier_version_has_to_give_the_password(client, user):
    client.force_login(user)
    session = client.session
    del session["logged_in_at"]
    session.save()

    assert client.get(INDEX).status_code == 302
    assert client.get("/api/v1/users/me").status_code == 200


def test_a_ban_closes_the_admin_at_once_but_for_logging_out(client, user):
    user.is_superuser = True
    user.save()
    enter(client)
    user.auth_level = AuthLevel.BANNED
    user.save()

    assert client.get(INDEX).status_code == 403
    assert client.get(reverse("admin:password_change")).status_code == 403
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(INDEX).status_code == 302
