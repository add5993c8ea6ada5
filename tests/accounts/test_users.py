from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories import make_token, make_user
from tests.shared_data import needs_shared_data, shared_json

pytestmark = pytest.mark.django_db


def names(response):
    return [user["username"] for user in response.json()["body"]]


@needs_shared_data
def test_a_user_has_the_keys_and_types_of_the_recording(api):
    recording = shared_json("golden/s06-import-reads.json")
    expected = recording["steps"][0]["response"]["body"]["body"]["user"]
    moment = datetime.fromtimestamp(expected["joinDate"] / 1000, UTC)
    user = make_user(
        expected["username"],
        about=expected["about"],
        date_joined=moment,
        last_seen=moment,
    )

    found = api.get(f"/api/v1/users/{user.pk}").json()["body"]

    assert found == expected | {"id": user.pk}


@pytest.mark.parametrize("key", ["Some_One", "some_one", "SOME_ONE"])
def test_a_user_is_found_by_name_in_any_case(api, key):
    user = make_user("Some_One", status="Hi there.")

    body = api.get(f"/api/v1/users/{key}").json()["body"]

    assert body["id"] == user.pk
    assert body["usernameLowercase"] == "some_one"
    assert body["status"] == "Hi there."


@pytest.mark.parametrize(
    "key", ["999999", "nobody", "9" * 15, "9" * 40, "١", "some%25"]
)
def test_nobody_is_a_404(api, key):
    make_user("someone")
    response = api.get(f"/api/v1/users/{key}")

    assert response.status_code == 404
    assert "does not exist" in response.json()["description"]


def test_me_is_who_asks(api):
    user = make_user()

    me = "/api/v1/users/me"
    assert api.get(me).status_code == 401
    assert api.get(me, token=make_token(user)).json()["body"]["id"] == user.pk
    assert api.login(user).get(me).json()["body"]["id"] == user.pk


def test_me_is_never_stale(api):
    user = make_user("Before")
    api.login(user)
    user.username = "After"
    user.save()

    assert api.get("/api/v1/users/me").json()["body"]["username"] == "After"


def test_users_come_as_they_were_last_seen_a_hundred_of_them(api):
    now = timezone.now()
    for age in reversed(range(101)):
        make_user(f"user_{age}", last_seen=now - timedelta(minutes=age))

    found = names(api.get("/api/v1/users"))

    assert found == [f"user_{age}" for age in range(100)]


def test_a_search_is_for_a_part_of_the_name_and_finds_at_most_25(api):
    for number in range(30):
        make_user(f"Alice{number}")
    make_user("Bob_1")
    make_user("Bobx1")

    assert len(names(api.get("/api/v1/users?search=ALI"))) == 25
    assert names(api.get("/api/v1/users?search=b_1")) == ["Bob_1"]
    assert names(api.get("/api/v1/users?search=%25")) == []


def test_online_are_those_of_the_last_five_minutes(api):
    make_user("here")
    make_user("gone", last_seen=timezone.now() - timedelta(minutes=6))

    assert names(api.get("/api/v1/users?online")) == ["here"]
