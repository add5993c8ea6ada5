"""What a moderator cannot make himself, or do to those above him, whatever he posts."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from tachi.accounts.models import AuthLevel, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

USERS = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")
GROUPS = reverse("admin:auth_group_changelist")
PASSWORD = "correct horse"
EVERYTHING = {
    "username": "boss_2",
    "auth_level": "3",
    "is_active": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "password": "x",
    "about": "",
    "status": "",
    "email": "",
    "_save": "Save",
}


def make_moderator(*codenames):
    """Logged in, and with every right over users and groups that Django knows."""
    user = make_user("moderator", is_staff=True)
    of_models = Permission.objects.filter(content_type__model__in=["user", "group"])
    granted = of_models.exclude(codename="ban_user")
    user.user_permissions.set(granted)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def moderator(client):
    user = make_moderator("ban_user")
    client.force_login(user)
    return user


@pytest.fixture
def superuser():
    return make_user("root_user", is_staff=True, is_superuser=True)


def change(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def passwords(user):
    return reverse("admin:auth_user_password_change", args=[user.pk])


def act(client, action, *users, url=USERS, **more):
    selected = [user.pk for user in users]
    data = {"action": action, "_selected_action": selected, **more}
    return client.post(url, data, follow=True)


def rights(user):
    names = ["username", "password", "auth_level", "is_active", "is_staff"]
    row = User.objects.values(*names, "is_superuser", "email").get(pk=user.pk)
    return {**row, "groups": list(User.groups.through.objects.filter(user=user.pk))}


def test_a_moderator_looks_at_users_and_groups(client, moderator, superuser):
    group = Group.objects.create(name="Somebody's group")
    group_page = reverse("admin:auth_group_change", args=[group.pk])
    superuser.set_password(PASSWORD)
    superuser.save()

    for url in (USERS, GROUPS, group_page, change(superuser), change(moderator)):
        assert client.get(url).status_code == 200
    page = client.get(change(superuser)).content.decode()
    assert "root_user" in page
    assert "pbkdf2" not in page
    assert 'name="is_superuser"' not in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("who", ["moderator", "superuser", "player"])
def test_a_moderator_changes_nobody_by_the_form(client, moderator, superuser, who):
    users = {"moderator": moderator, "superuser": superuser, "player": make_user()}
    before = rights(users[who])
    group = Group.objects.create(name="Administrators of old")

    answer = client.post(change(users[who]), {**EVERYTHING, "groups": [group.pk]})

    assert answer.status_code == 403
    assert rights(users[who]) == before


@pytest.mark.parametrize("who", ["moderator", "superuser", "player"])
def test_a_moderator_sets_no_password(client, moderator, superuser, who):
    users = {"moderator": moderator, "superuser": superuser, "player": make_user()}
    before = rights(users[who])
    new = {"password1": "a longer one", "password2": "a longer one"}

    assert client.get(passwords(users[who])).status_code == 403
    for more in ({}, {"usable_password": "true"}, {"usable_password": "false"}):
        assert client.post(passwords(users[who]), {**new, **more}).status_code == 403
    assert rights(users[who]) == before


def test_a_moderator_changes_his_own_password_as_everybody_does(client, moderator):
    new = {"new_password1": "a longer one", "new_password2": "a longer one"}
    own = reverse("admin:password_change")
    moderator.set_password(PASSWORD)
    moderator.save()
    client.force_login(moderator)

    client.post(own, {**new, "old_password": "wrong"})
    assert User.objects.get(pk=moderator.pk).check_password(PASSWORD)
    client.post(own, {**new, "old_password": PASSWORD, **EVERYTHING})

    changed = User.objects.get(pk=moderator.pk)
    assert changed.check_password("a longer one")
    assert not changed.is_superuser


def test_a_moderator_makes_and_deletes_nobody(client, moderator):
    player = make_user()
    count = User.objects.count()
    new = {"password1": "a longer one", "password2": "a longer one"}
    delete = reverse("admin:accounts_user_delete", args=[player.pk])

    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {**EVERYTHING, **new}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    act(client, "delete_selected", player, post="yes")

    assert User.objects.count() == count


def test_a_moderator_gives_no_group_another_right(client, moderator):
    group = Group.objects.create(name="Moderators of old")
    moderator.groups.add(group)
    page = reverse("admin:auth_group_change", args=[group.pk])
    right = Permission.objects.get(codename="revert_import")
    said = {"name": "Mine", "permissions": [right.pk]}

    assert client.post(page, said).status_code == 403
    assert client.post(reverse("admin:auth_group_add"), said).status_code == 403
    act(client, "delete_selected", group, url=GROUPS, post="yes")

    assert Group.objects.get(pk=group.pk).name == "Moderators of old"
    assert not group.permissions.exists()


def test_a_list_that_is_edited_in_place_changes_nothing(client, moderator):
    before = rights(moderator)
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": moderator.pk}
    form |= {"form-0-is_superuser": "on", "form-0-auth_level": 3, "_save": "Save"}

    client.post(USERS, form)

    assert rights(moderator) == before


def test_to_ban_takes_the_permission_for_it(client):
    client.force_login(make_moderator())
    player = make_user()

    for action in ("ban", "unban"):
        act(client, action, player)

    assert level(player) == AuthLevel.USER
    assert b'value="ban"' not in client.get(USERS).content


def level(user):
    return User.objects.get(pk=user.pk).auth_level


def test_a_moderator_bans_players_and_other_moderators(client, moderator):
    player = make_user()
    other = make_user(is_staff=True, auth_level=AuthLevel.MODERATOR)

    page = act(client, "ban", player, other)

    assert "Banned 2 users." in page.content.decode()
    assert (level(player), level(other)) == (AuthLevel.BANNED, AuthLevel.BANNED)
    act(client, "unban", player)
    assert level(player) == AuthLevel.USER


@pytest.mark.parametrize("across", ["0", "1"])
def test_no_moderator_bans_administrators_superusers_or_himself(
    client, moderator, superuser, across
):
    administrator = make_user(auth_level=AuthLevel.ADMIN)
    protected = [superuser, administrator, moderator]
    before = [rights(user) for user in protected]

    for action in ("ban", "unban", "revoke", "delete_selected", "change", "save"):
        for more in ({}, {"index": "0"}, {"is_superuser": "on"}, EVERYTHING):
            act(client, action, *protected, select_across=across, **more)
            assert [rights(user) for user in protected] == before


def test_no_moderator_lets_a_banned_superuser_back_in(client, moderator, superuser):
    User.objects.filter(pk=superuser.pk).update(auth_level=AuthLevel.BANNED)

    act(client, "unban", superuser)

    assert level(superuser) == AuthLevel.BANNED


def test_a_superuser_changes_flags_groups_and_passwords(client, superuser):
    client.force_login(superuser)
    user, group = make_user("helper"), Group.objects.create(name="Helpers")
    client.post(change(user), {**EVERYTHING, "groups": [group.pk]})
    new = {"password1": "a longer one", "password2": "a longer one"}
    client.post(passwords(user), {**new, "usable_password": "true"})

    changed = User.objects.get(pk=user.pk)
    assert (changed.username, changed.auth_level) == ("boss_2", AuthLevel.ADMIN)
    assert changed.is_superuser
    assert list(changed.groups.all()) == [group]
    assert changed.check_password("a longer one")


def test_a_superuser_bans_superusers_and_lets_them_back_in(client, superuser):
    client.force_login(superuser)
    other = make_user(is_staff=True, is_superuser=True)

    act(client, "ban", other)
    assert level(other) == AuthLevel.BANNED
    act(client, "unban", other)
    assert level(other) == AuthLevel.USER


def test_a_banned_superuser_changes_nothing(client, superuser):
    client.force_login(superuser)
    User.objects.filter(pk=superuser.pk).update(auth_level=AuthLevel.BANNED)
    player = make_user()
    before = rights(player)

    for url in (change(player), passwords(player), ADD):
        assert client.post(url, EVERYTHING).status_code == 403
    act(client, "ban", player)

    assert rights(player) == before


@pytest.mark.parametrize("model", [Failure, OrmQ, Schedule, Success, Task])
def test_the_queue_has_no_pages_even_for_a_superuser(client, superuser, model):
    client.force_login(superuser)
    name = model._meta.model_name
    said = {"name": "x", "func": "os.system", "args": "'true'", "schedule_type": "O"}

    assert not admin.site.is_registered(model)
    assert client.get(f"/admin/django_q/{name}/").status_code == 404
    assert client.post(f"/admin/django_q/{name}/add/", said).status_code == 404
    assert not model.objects.exists()
    assert b"django_q" not in client.get("/admin/").content
