"""A user's settings for the site; who is invisible is not seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tachi.accounts.models import User, UserSettings
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

PATH = "/api/v1/users/tester/settings"
UNSET = {
    "invisible": False,
    "developerMode": False,
    "advancedMode": False,
    "contentiousContent": False,
    "deletableScores": False,
}


@pytest.fixture
def user():
    return make_user("Tester")


@pytest.fixture
def at_home(api, user):
    return api.login(user)


def test_who_has_set_nothing_has_settings_too(api, user):
    body = {"userID": user.pk, "following": [], "preferences": UNSET}
    assert api.get(PATH).json()["body"] == body
    assert api.get(PATH, token=make_token(user)).json()["body"] == body
    assert not UserSettings.objects.exists()


@pytest.mark.parametrize("name", UNSET)
def test_each_can_be_set_and_the_others_stay(at_home, user, name):
    body = at_home.patch(PATH, {name: True}).json()["body"]
    assert body["preferences"] == UNSET | {name: True}
    at_home.patch(PATH, {"advancedMode": False})
    other = at_home.patch(PATH, {"developerMode": True}).json()["body"]
    wanted = UNSET | {name: True} | {"advancedMode": False, "developerMode": True}
    assert other["preferences"] == wanted
    assert at_home.get(PATH).json()["body"] == other


@pytest.mark.parametrize(
    "sent", [{}, {"invisible": None}, {"invisible": 1}, {"visible": True}]
)
def test_what_is_no_setting_is_told(at_home, sent):
    assert at_home.patch(PATH, sent).status_code == 400
    assert not UserSettings.objects.exists()


def test_a_user_has_to_be_there(api, db):
    assert api.get("/api/v1/users/nobody/settings").status_code == 404
    assert api.get("/api/v1/users/me/settings").status_code == 401


def seen_long_ago(user):
    User.objects.filter(pk=user.pk).update(
        last_seen=timezone.now() - timedelta(hours=1)
    )


def is_seen(api, user):
    seen_long_ago(user)
    assert api.get("/api/v1/status").status_code == 200
    online = [each["id"] for each in api.get("/api/v1/users?online=").json()["body"]]
    seen = User.objects.get(pk=user.pk).last_seen
    assert (user.pk in online) is (timezone.now() - seen < timedelta(minutes=5))
    return user.pk in online


def test_who_is_invisible_is_not_seen_until_visible_again(at_home, user):
    seen_long_ago(user)
    at_home.patch(PATH, {"invisible": True})
    assert not is_seen(at_home, user)
    at_home.patch(PATH, {"invisible": False})
    assert is_seen(at_home, user)


def test_an_address_is_always_verified(at_home):
    answer = at_home.get("/api/v1/users/me/is-email-verified")
    assert answer.json()["body"] is True


def test_nobody_signs_up_and_is_told_so_in_words(api, db):
    sent = {"username": "somebody", "!password": "a password", "email": "a@b.example"}
    answer = api.post("/api/v1/auth/register", sent)
    assert answer.status_code == 501
    assert "whoever runs this site" in answer.json()["description"]
    assert not User.objects.exists()
    assert api.get("/api/v1/config").json()["body"]["SIGNUPS_ENABLED"] is False
