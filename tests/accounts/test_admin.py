import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from imports.models import DailyIntake
from imports.undo.revert import revert_import
from tachi.accounts.models import ApiToken, AuthLevel, User
from tachi.moderation.models import Entry
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db

USERS = reverse("admin:accounts_user_changelist")
TOKENS = reverse("admin:accounts_apitoken_changelist")


def act(client, url, action, *rows, **more):
    selected = [row.pk for row in rows]
    data = {"action": action, "_selected_action": selected, **more}
    return client.post(url, data, follow=True)


def level(user):
    return User.objects.get(pk=user.pk).auth_level


def test_users_are_found_by_name(client, moderator):
    make_user("wanted")
    make_user("somebody")

    page = client.get(USERS, {"q": "want"}).content.decode()

    assert "wanted" in page
    assert "somebody" not in page


def test_a_user_is_banned_and_let_back_in(client, moderator):
    user = make_user()

    page = act(client, USERS, "ban", user)

    assert "Banned 1 user." in page.content.decode()
    assert level(user) == AuthLevel.BANNED
    act(client, USERS, "unban", user)
    assert level(user) == AuthLevel.USER


def test_neither_oneself_nor_an_admin_is_banned(client, moderator):
    admin = make_user(auth_level=AuthLevel.ADMIN)

    act(client, USERS, "ban", moderator, admin)

    assert (level(moderator), level(admin)) == (AuthLevel.USER, AuthLevel.ADMIN)


def test_lifting_a_ban_leaves_others_as_they_are(client, moderator):
    admin = make_user(auth_level=AuthLevel.ADMIN)

    act(client, USERS, "unban", admin)

    assert level(admin) == AuthLevel.ADMIN


def test_a_user_can_be_made_and_changed_but_not_deleted(client, moderator):
    password = "a long enough one"
    sent = {"username": "made_here", "password1": password, "password2": password}
    response = client.post(reverse("admin:accounts_user_add"), sent)
    user = User.objects.get(username="made_here")

    assert response.url == reverse("admin:accounts_user_change", args=[user.pk])
    assert client.get(response.url).status_code == 200
    delete = reverse("admin:accounts_user_delete", args=[user.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_tokens_are_listed_without_their_secret(client, moderator):
    user = make_user("owner_1")
    secret = make_token(user)
    token = ApiToken.objects.get()

    change = reverse("admin:accounts_apitoken_change", args=[token.pk])
    for url in (TOKENS, change):
        page = client.get(url).content.decode()
        assert "owner_1" in page
        assert secret[:8] in page
        assert secret not in page
        assert token.digest not in page
    assert client.get(reverse("admin:accounts_apitoken_add")).status_code == 403


def test_tokens_are_revoked_once_that_is_confirmed(client, moderator, api):
    secret, other = make_token(make_user()), make_token(make_user())
    token = ApiToken.objects.get(prefix=secret[:8])

    asked = act(client, TOKENS, "revoke", token).content.decode()
    assert "This token will never work again" in asked
    assert f"{token.prefix}…" in asked
    assert api.get("/api/v1/status", token=secret).status_code == 200
    page = act(client, TOKENS, "revoke", token, confirmed="yes", reason="leaked")

    assert "Revoked 1 token." in page.content.decode()
    entry = Entry.objects.get()
    assert (entry.by, entry.subject_id) == (moderator, str(token.pk))
    assert (entry.verb, entry.reason) == ("revoke token", "leaked")
    again = act(client, TOKENS, "revoke", token, confirmed="yes").content.decode()
    assert "All of these tokens are revoked." in again
    assert api.get("/api/v1/status", token=secret).status_code == 401
    assert api.get("/api/v1/status", token=other).status_code == 200


def test_who_may_only_look_may_not_revoke(client, moderator):
    make_token(moderator)
    User.objects.update(is_superuser=False)
    moderator.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    assert client.get(TOKENS).status_code == 200

    act(client, TOKENS, "revoke", ApiToken.objects.get(), confirmed="yes")

    assert ApiToken.objects.live().count() == 1


def test_more_than_a_hundred_are_not_banned_or_revoked_at_once(
    client, moderator, monkeypatch
):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 1)
    users = [make_user(), make_user()]
    for user in users:
        make_token(user)

    for across in ("0", "1"):
        sent = {"select_across": across, "confirmed": "yes"}
        act(client, TOKENS, "revoke", *ApiToken.objects.all(), **sent)
        page = act(client, USERS, "ban", *users, **sent)

    assert "At most" in page.content.decode()
    assert ApiToken.objects.live().count() == 2
    assert {level(user) for user in users} == {AuthLevel.USER}


@pytest.mark.parametrize("url", [USERS, TOKENS])
def test_a_longer_list_costs_no_more_queries(
    client, moderator, url, django_assert_max_num_queries
):
    for _ in range(20):
        make_token(make_user())

    with django_assert_max_num_queries(8):
        client.get(url)


def test_what_is_kept_of_a_user_is_on_the_page(
    client, moderator, django_assert_max_num_queries
):
    user = make_user()
    make_import(user, play(make_chart()), play(4444), play(5555))
    revert_import(make_import(user, play(make_chart())), OPERATOR)
    page = reverse("admin:accounts_user_change", args=[user.pk])
    with django_assert_max_num_queries(28):
        shown = client.get(page).content.decode()
    kept = re.findall(r"<td>([A-Z][a-z ]+)</td><td>(\d+)</td><td>about ([\d.]+)", shown)
    assert [(kind, int(rows)) for kind, rows, _ in kept] == [
        ("Inputs", 2),
        ("Rows of imports", 2),
        ("Orphans", 2),
        ("Snapshots of reverts", 1),
        ("Previews in batches", 0),
        ("Scores", 1),
    ]
    assert all(float(size) > 0 for _, rows, size in kept if int(rows))
    assert "0.0 kB of 256.0 MB" in shown
    DailyIntake.objects.create(user=user, day=timezone.now().date(), bytes=512_000)
    assert "0.5 MB of 256.0 MB" in client.get(page).content.decode()
