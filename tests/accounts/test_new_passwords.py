"""A new password ends sessions, and API tokens where that is asked for."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tachi.accounts.models import ApiToken, User
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "correct horse", "a longer one"
OWN = reverse("admin:password_change")


@pytest.fixture
def user():
    return make_user("boss_1", PASSWORD, is_staff=True)


@pytest.fixture
def elsewhere(user):
    """A session of the user, somewhere else."""
    client = Client()
    client.force_login(user)
    return client


def whoami(client):
    return client.get("/api/v1/status").json()["body"]["whoami"]


def change_own(client, **more):
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    return client.post(OWN, {**sent, **more})


def change_of(client, user, **more):
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    return client.post(url, {**sent, "set-password": "1", **more})


def entries():
    found = LogEntry.objects.order_by("content_type__model", "pk")
    return [(each.user.username, each.content_type.model) for each in found]


@pytest.mark.parametrize("offered", [False, True])
def test_ones_own_new_password_ends_other_sessions_and_tokens_if_asked(
    client, user, elsewhere, offered
):
    client.force_login(user)
    secrets = [make_token(user) for _ in range(3)]
    others = make_token(make_user())
    assert 'name="end_tokens"' in client.get(OWN).content.decode()
    assert "checked" not in client.get(OWN).content.decode()

    answer = change_own(client, **({"end_tokens": "on"} if offered else {}))

    assert answer.url == reverse("admin:password_change_done")
    assert (whoami(client), whoami(elsewhere)) == (user.pk, None)
    live = set(ApiToken.objects.live().values_list("prefix", flat=True))
    kept = {others[:8]} if offered else {each[:8] for each in (*secrets, others)}
    assert live == kept
    tokens = [("boss_1", "apitoken")] * 3 if offered else []
    assert entries() == [*tokens, ("boss_1", "user")]
    assert User.objects.get(pk=user.pk).check_password(NEW)


@pytest.mark.parametrize("offered", [False, True])
def test_a_password_that_a_superuser_sets_does_the_same(
    client, moderator, user, elsewhere, offered
):
    make_token(user)
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    assert 'name="end_tokens"' in client.get(url).content.decode()

    change_of(client, user, **({"end_tokens": "on"} if offered else {}))

    assert whoami(elsewhere) is None
    assert ApiToken.objects.live().count() == (0 if offered else 1)
    tokens = [("boss", "apitoken")] if offered else []
    assert entries() == [*tokens, ("boss", "user")]
    if offered:
        said = LogEntry.objects.get(content_type__model="apitoken").change_message
        assert said == "Revoked, together with a new password."


def test_a_password_that_is_taken_away_ends_them_too(client, moderator, user):
    make_token(user)
    sent = {"usable_password": "false", "unset-password": "1", "end_tokens": "on"}
    change_of(client, user, **sent)

    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert not ApiToken.objects.live().exists()


def test_what_is_wrong_with_a_new_password_ends_nothing(
    client, moderator, user, elsewhere
):
    make_token(user)
    change_of(client, user, password2="another one", end_tokens="on")
    change_of(client, user, usable_password="false", end_tokens="on")
    client.force_login(user)
    for wrong in ({"old_password": "no"}, {"new_password2": "another one"}):
        assert change_own(client, end_tokens="on", **wrong).status_code == 200

    assert whoami(elsewhere) == user.pk
    assert ApiToken.objects.live().count() == 1
    assert entries() == []


def test_many_tokens_end_in_as_many_statements_as_one(
    client, user, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(user)
    make_token(user)
    with django_assert_max_num_queries(40) as few:
        change_own(client, end_tokens="on")
    for _ in range(30):
        make_token(user)
    with django_assert_num_queries(len(few)):
        change_own(client, old_password=NEW, end_tokens="on")
    assert not ApiToken.objects.live().exists()
