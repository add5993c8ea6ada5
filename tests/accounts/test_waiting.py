"""Who logs in, is banned or gets another password waits for no change of scores."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from scores.locks import only_change_of
from tachi.accounts.models import ApiToken, AuthLevel, User
from tests.factories import make_token, make_user
from tests.locking import (
    AT_ONCE,
    held_elsewhere,
    needs_locks,
    row_of,
    takes_at_most,
)

pytestmark = [pytest.mark.django_db(transaction=True), needs_locks]
PASSWORD = "correct horse"
USERS = reverse("admin:accounts_user_changelist")


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def player(quick_passwords):
    return make_user("player_one", PASSWORD, is_staff=True)


@pytest.fixture
def superuser(client):
    user = make_user("root_user", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def login(api):
    sent = {"username": "player_one", "!password": PASSWORD, "captcha": "x"}
    return api.post("/api/v1/auth/login", sent)


def login_to_the_admin(client):
    sent = {"username": "player_one", "password": PASSWORD}
    return client.post(reverse("admin:login"), sent)


def test_nobody_waits_to_log_in_for_who_has_the_row(api, client, player):
    with held_elsewhere(row_of, player), takes_at_most(2 * AT_ONCE):
        assert login(api).status_code == 200
        assert login_to_the_admin(client).status_code == 302


def test_nobody_waits_to_log_in_for_a_change_of_scores(api, client, player):
    with held_elsewhere(only_change_of, player.pk), takes_at_most(2 * AT_ONCE):
        assert login(api).status_code == 200
        assert login_to_the_admin(client).status_code == 302


def test_a_login_is_noted_whether_scores_change_or_not(api, client, player):
    for log_in, by in ((login, api), (login_to_the_admin, client)):
        User.objects.filter(pk=player.pk).update(last_login=None)
        with held_elsewhere(only_change_of, player.pk):
            log_in(by)
        assert User.objects.get(pk=player.pk).last_login is not None


def test_a_password_of_an_old_kind_is_hashed_anew_without_waiting(
    api, player, settings
):
    old = make_password(PASSWORD, hasher="md5")
    User.objects.filter(pk=player.pk).update(password=old)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    with held_elsewhere(only_change_of, player.pk), takes_at_most(3 * AT_ONCE):
        assert login(api).status_code == 200
    assert User.objects.get(pk=player.pk).password.startswith("scrypt")


def test_tokens_are_made_and_revoked_while_scores_change(api, player):
    api.login(player)
    tokens = "/api/v1/users/me/api-tokens"
    with held_elsewhere(only_change_of, player.pk), takes_at_most(2 * AT_ONCE):
        made = api.post(f"{tokens}/create", {"permissions": ["submit_score"]})
        secret = made.json()["body"]["token"]
        assert api.delete(f"{tokens}/{secret}").status_code == 200
    assert not ApiToken.objects.live().exists()


def test_a_ban_waits_for_no_change_of_scores(client, superuser, player):
    secret = make_token(player)
    sent = {"action": "ban", "_selected_action": [player.pk]}
    with held_elsewhere(only_change_of, player.pk), takes_at_most(2 * AT_ONCE):
        client.post(USERS, sent)
        client.logout()
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/users/me", headers=headers).status_code == 403


def test_users_are_edited_while_their_scores_change(client, superuser, player):
    page = reverse("admin:accounts_user_change", args=[player.pk])
    said = {"username": "player_one", "auth_level": AuthLevel.MODERATOR, "about": "Hi."}
    password = reverse("admin:auth_user_password_change", args=[player.pk])
    new = {"password1": "a longer one", "password2": "a longer one"}
    with held_elsewhere(only_change_of, player.pk), takes_at_most(4 * AT_ONCE):
        assert client.post(page, said).status_code == 302
        answer = client.post(password, {**new, "usable_password": "true"})
        assert answer.status_code == 302
    changed = User.objects.get(pk=player.pk)
    assert (changed.auth_level, changed.about) == (AuthLevel.MODERATOR, "Hi.")
    assert changed.check_password("a longer one")


def test_a_player_changes_his_own_password_while_his_scores_change(client, player):
    client.force_login(player)
    new = {"new_password1": "a longer one", "new_password2": "a longer one"}
    with held_elsewhere(only_change_of, player.pk), takes_at_most(2 * AT_ONCE):
        sent = {"old_password": PASSWORD, **new}
        answer = client.post(reverse("admin:password_change"), sent)
        assert re.search("password_change/done", answer.url)
