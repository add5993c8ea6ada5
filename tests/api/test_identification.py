import time
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tachi.accounts.models import ApiToken, AuthLevel, Permission, User
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

STATUS = "/api/v1/status"


def with_header(api, value, path=STATUS):
    return api.get(path, headers={"Authorization": value})


def test_a_token_is_its_user_with_its_permissions(api):
    user = make_user()
    token = make_token(user, "submit_score", "customise_score")

    body = api.get(STATUS, token=token).json()["body"]

    assert body["whoami"] == user.pk
    assert body["permissions"] == ["customise_score", "submit_score"]


def test_a_session_is_its_user_with_all_permissions(api):
    user = make_user()

    body = api.login(user).get(STATUS).json()["body"]

    assert body["whoami"] == user.pk
    assert body["permissions"] == Permission.values


@pytest.mark.parametrize("header", ["Basic abc", "Bearer nonsense", "Bearer", "x"])
def test_a_session_wins_over_any_header(api, header):
    user = make_user()

    assert with_header(api.login(user), header).json()["body"]["whoami"] == user.pk


def test_no_header_and_an_empty_one_are_a_guest(api):
    for response in (api.get(STATUS), with_header(api, "")):
        assert response.json()["body"]["whoami"] is None
        assert response.json()["body"]["permissions"] == []


@pytest.mark.parametrize(
    ("header", "status", "text"),
    [
        ("Basic abc", 400, "Invalid Authorization Type - Expected Bearer"),
        ("bearer abc", 400, "Invalid Authorization Type - Expected Bearer"),
        ("abc", 400, "Invalid Authorization Type - Expected Bearer"),
        ("Bearer", 401, "Invalid token"),
        ("Bearer ", 401, "Invalid token"),
        (
            "Bearer abc",
            401,
            "The provided API token does not correspond with any key in the database",
        ),
        ("Bearer é", 401, "does not correspond with any key"),
    ],
)
@pytest.mark.parametrize("path", [STATUS, "/api/v1/nothing", "/ir/nothing"])
def test_a_wrong_header_is_refused_even_where_nobody_asks(
    api, header, status, text, path
):
    response = with_header(api, header, path)

    assert response.status_code == status
    assert text in response.json()["description"]
    assert "WWW-Authenticate" not in response


def test_a_token_is_everything_after_the_first_space(api):
    token = make_token(make_user())

    assert with_header(api, f"Bearer {token} x").status_code == 401
    assert with_header(api, f"Bearer  {token}").status_code == 401
    assert with_header(api, f"Bearer {token}").status_code == 200


def test_a_prefix_is_not_a_token(api):
    token = make_token(make_user())

    assert api.get(STATUS, token=token[:8]).status_code == 401


def test_a_revoked_token_is_unknown(api):
    token = make_token(make_user())
    ApiToken.objects.update(revoked_at=timezone.now())

    assert api.get(STATUS, token=token).status_code == 401


def test_only_a_hash_of_a_token_is_kept():
    token = make_token(make_user())

    assert token not in str(ApiToken.objects.values_list())
    assert len(token) == 40


@pytest.mark.parametrize(
    "ban", [{"auth_level": AuthLevel.BANNED}, {"is_active": False}]
)
@pytest.mark.parametrize("path", [STATUS, "/api/v1/users", "/api/v1/no", "/ir/no"])
def test_the_banned_are_refused_everywhere(api, ban, path):
    token = make_token(make_user(**ban))

    assert api.get(path, token=token).status_code == 403


def test_a_ban_reaches_a_session_that_is_open(api):
    user = make_user()
    api.login(user)
    user.auth_level = AuthLevel.BANNED
    user.save()

    assert api.get(STATUS).status_code == 403
    assert api.post("/api/v1/auth/logout").status_code == 403


def test_a_session_is_noted_as_seen_once_a_minute_and_a_token_never(api):
    before = timezone.now() - timedelta(seconds=90)
    user, other = make_user(last_seen=before), make_user(last_seen=before)
    recent = make_user(last_seen=timezone.now() - timedelta(seconds=30))

    api.get(STATUS, token=make_token(other))
    for asking in (user, recent):
        seen = asking.last_seen
        api.login(asking).get(STATUS)
        asking.refresh_from_db()
        assert (asking.last_seen > seen) is (asking is user)

    other.refresh_from_db()
    assert other.last_seen == before


def test_a_guest_costs_no_query(api, django_assert_num_queries):
    with django_assert_num_queries(0):
        api.get(STATUS)


def test_a_token_costs_one_query(api, django_assert_num_queries):
    token = make_token(make_user())

    with django_assert_num_queries(1):
        api.get(STATUS, token=token)


@pytest.mark.postgresql  # SQLite has no row locks
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_to_read_for_their_import_being_written(api):
    user = make_user(last_seen=timezone.now() - timedelta(minutes=2))
    api.login(user)
    locked, answered = Event(), Event()

    def write_an_import():
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            locked.set()
            answered.wait(timeout=5)
        connection.close()

    writer = Thread(target=write_an_import)
    writer.start()
    locked.wait()
    started = time.monotonic()
    response = api.get(STATUS)
    took = time.monotonic() - started
    answered.set()
    writer.join()

    assert response.status_code == 200
    assert took < 2
