"""What somebody posts who writes his requests by himself: his rights still hold."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from imports.models import Import, Orphan, Revert, State
from imports.undo.revert import revert_import
from scores.models import ClassClaim, Score
from tachi.accounts.models import ApiToken, AuthLevel, User
from tachi.jobs.models import Job
from tests.factories import (
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.rights.people import make_administrator, make_moderator, make_staff
from tests.rights.test_rights_in_the_admin import ACTIONS, MODELS

pytestmark = pytest.mark.django_db

FLAGS = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "on",
    "auth_level": "3",
    "groups": "1",
    "user_permissions": "1",
    "password": "x",
    "username": "boss_2",
}


class World:
    """Something of everything, and all of it as it is now."""

    def __init__(self):
        self.player = make_user("player_one")
        make_token(self.player, "submit_score")
        classes = {"dan": "DAN_5"}
        plays = play(make_chart(), time=NOON), play(99_999)
        self.completed = make_import(self.player, *plays, classes=classes)
        self.reverted = make_import(self.player, play(make_chart()))
        revert_import(self.reverted, OPERATOR)
        self.queued = make_row(self.player)
        self.job = Job.objects.create(kind="orphans", user=self.player)

    def state(self):
        users = User.objects.exclude(username="somebody").order_by("pk")
        names = "username password auth_level is_staff is_superuser is_active email"
        return [
            list(users.values(*names.split())),
            list(User.groups.through.objects.order_by("pk").values()),
            list(User.user_permissions.through.objects.order_by("pk").values()),
            list(Group.permissions.through.objects.order_by("pk").values()),
            list(Group.objects.order_by("pk").values()),
            list(ApiToken.objects.order_by("pk").values()),
            list(Import.objects.order_by("pk").values("pk", "state")),
            list(Job.objects.order_by("pk").values("pk", "state")),
            list(ClassClaim.objects.order_by("pk").values()),
            list(Revert.objects.order_by("pk").values("pk", "restored_at", "reason")),
            list(Orphan.objects.order_by("pk").values("pk")),
            list(Score.objects.order_by("pk").values("pk")),
        ]

    def rows(self, name):
        model = name.split("_")[1]
        found = {
            "user": [self.player.pk],
            "group": list(Group.objects.values_list("pk", flat=True)),
        }
        if model in found:
            return found[model]
        models = {"import": Import, "job": Job, "apitoken": ApiToken}
        models |= {"classclaim": ClassClaim, "revert": Revert, "orphan": Orphan}
        return list(models.get(model, Score).objects.values_list("pk", flat=True))


@pytest.fixture
def world():
    return World()


def changelist(name):
    return reverse(f"admin:{name}_changelist")


def act(client, name, action, keys, **more):
    data = {"action": action, "_selected_action": keys, "index": "0", **more}
    return client.post(changelist(name), data, follow=True)


EVERY_ACTION = sorted(
    {action for of in ACTIONS.values() for action in of}
    | {"delete_selected", "delete", "add", "save", "__init__", "get_queryset"}
)


def test_no_action_works_without_its_permission_on_whatever_list(client, world):
    """Its own actions and some of other models, confirmed, and for all rows at once."""
    views = Permission.objects.filter(codename__startswith="view_")
    user = make_staff(username="somebody")
    user.user_permissions.set(views)
    client.force_login(user)
    before = world.state()

    for number, name in enumerate(MODELS):
        for action in {*ACTIONS.get(name, ()), *EVERY_ACTION[number % 4 :: 4]}:
            keys = world.rows(name)
            sent = {"action": action, "_selected_action": keys, **FLAGS}
            sent |= {"confirmed": "yes", "post": "yes", "select_across": "1"}
            assert client.post(changelist(name), sent).status_code in {200, 302, 403}

    assert world.state() == before


@pytest.mark.parametrize(
    ("permission", "name", "does"),
    [
        ("imports.revert_import", "imports_import", {"revert", "run_again"}),
        ("imports.restore_import", "imports_import", {"restore"}),
        ("imports.cancel_import", "imports_import", {"cancel"}),
        ("imports.review_class", "scores_classclaim", {"withdraw"}),
        ("accounts.revoke_token", "accounts_apitoken", {"revoke"}),
        ("accounts.ban_user", "accounts_user", {"ban"}),
        ("jobs.control_job", "jobs_job", {"pause", "cancel"}),
        ("imports.bulk_revert", "imports_import", set()),
        ("imports.stop_source", "imports_import", set()),
        ("scores.change_classclaim", "scores_classclaim", set()),
        ("accounts.change_apitoken", "accounts_apitoken", set()),
        ("imports.change_import", "imports_import", set()),
        ("imports.delete_import", "imports_import", set()),
    ],
)
def test_a_permission_lets_its_own_actions_through_and_no_others(
    client, world, permission, name, does
):
    user = make_staff(permission, username="somebody")
    client.force_login(user)
    before = world.state()

    for action in set(EVERY_ACTION) - does - {"retry", "resume", "unban"}:
        act(client, name, action, world.rows(name), confirmed="yes", post="yes")
    assert world.state() == before

    for action in does:
        act(client, name, action, world.rows(name), confirmed="yes", reason="why")
    assert (world.state() == before) is not bool(does)


def test_what_asks_first_does_nothing_unless_it_is_confirmed(client, world):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    before = world.state()

    for action in ("revert", "restore", "run_again", "cancel"):
        for more in ({}, {"select_across": "1"}, {"reason": "x"}, {"post": "yes"}):
            act(client, "imports_import", action, world.rows("imports_import"), **more)
    act(client, "accounts_apitoken", "revoke", world.rows("accounts_apitoken"))
    act(client, "auth_group", "delete_selected", world.rows("auth_group"))

    assert world.state() == before


def test_an_address_that_is_only_opened_does_nothing(client, world):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    before = world.state()

    for name, actions in ACTIONS.items():
        for action in actions:
            sent = {"action": action, "_selected_action": world.rows(name)[0]}
            sent |= {"confirmed": "yes", "post": "yes"}
            for method in (client.get, client.head):
                assert method(changelist(name), sent).status_code in {200, 302}

    assert world.state() == before


def test_only_what_a_list_shows_is_acted_on(client, world):
    """Keys that the filter leaves out, and keys of nothing, select nothing."""
    client.force_login(make_moderator())
    before = world.state()
    lists = changelist("imports_import")
    keys = [world.completed.pk, 999_999, -1, "x", "1e3", "1 OR 1=1", "9" * 40, ""]
    sent = {"action": "revert", "_selected_action": keys, "confirmed": "yes"}

    for query in ("?user=nobody_here", "?state=queued", "?q=ffffffffff", "?x=1"):
        client.post(lists + query, sent, follow=True)
    act(client, "imports_import", "revert", keys[1:], confirmed="yes")
    for broken in ({"index": "7"}, {"index": "x"}, {"action": ["", ""]}):
        client.post(lists, {**sent, **broken, "_selected_action": keys[1:]})

    assert world.state() == before


def test_flags_that_somebody_below_a_superuser_posts_never_count(client, world):
    group = Group.objects.create(name="Powers")
    pages = [
        reverse("admin:accounts_user_add"),
        reverse("admin:auth_group_add"),
        reverse("admin:auth_group_change", args=[group.pk]),
    ]
    for make in (make_moderator, make_administrator):
        user = make()
        before, own = world.state(), user.password
        client.force_login(user)
        for target in (user, world.player):
            pages += [
                reverse("admin:accounts_user_change", args=[target.pk]),
                reverse("admin:accounts_user_delete", args=[target.pk]),
                reverse("admin:auth_user_password_change", args=[target.pk]),
            ]
        more = {"groups": [group.pk], "permissions": [1, 2, 3], "name": "Powers+"}
        for url in pages:
            answer = client.post(url, {**FLAGS, **more, "post": "yes", "_save": "1"})
            assert answer.status_code == 403, url
        for action in ("ban", "unban"):
            act(client, "accounts_user", action, [user.pk], **FLAGS)
        assert User.objects.get(pk=user.pk).password == own
        assert world.state() == before


def test_forms_in_lists_and_beside_others_are_not_there_for_anybody(client, world):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    before = world.state()
    inline = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}

    for name in MODELS.keys() - {"auth_group"}:
        key = world.rows(name)[0]
        row = {"form-0-id": key, "form-0-state": "queued", "form-0-is_superuser": "on"}
        client.post(changelist(name), {**inline, **row, **FLAGS})
    tokens = {"tokens-TOTAL_FORMS": 1, "tokens-INITIAL_FORMS": 0}
    tokens |= {"tokens-0-digest": "0" * 64, "tokens-0-prefix": "0" * 8}
    for name in MODELS.keys() - {"auth_group", "accounts_user"}:
        key = world.rows(name)[0]
        url = reverse(f"admin:{name}_change", args=[key])
        assert client.post(url, {**inline, **tokens, **FLAGS}).status_code in {302, 403}

    assert world.state() == before


def test_a_superuser_sets_only_what_the_form_of_a_user_shows(client, world):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    url = reverse("admin:accounts_user_change", args=[world.player.pk])
    before = User.objects.values().get(pk=world.player.pk)
    shown = {"username": "player_one", "auth_level": "1", "is_active": "on"}
    hidden = {
        "change_number": "77",
        "last_seen": "2001-01-01",
        "date_joined_0": "2001-01-01",
        "date_joined_1": "00:00",
        "user_permissions": "1",
        "password": "x",
        "id": "5",
        "tokens-TOTAL_FORMS": 1,
        "tokens-0-digest": "0" * 64,
    }

    assert client.post(url, {**shown, **hidden}).status_code == 302

    assert User.objects.values().get(pk=world.player.pk) == before
    assert not world.player.user_permissions.exists()
    assert ApiToken.objects.count() == 1


def test_an_administrator_bans_nobody_above_him_however_he_asks(client, world):
    superuser = make_user(is_staff=True, is_superuser=True)
    admin = make_user(auth_level=AuthLevel.ADMIN)
    user = make_administrator()
    client.force_login(user)
    protected = [superuser, admin, user]

    for across in ("0", "1"):
        for more in ({}, FLAGS):
            keys = [each.pk for each in protected]
            act(client, "accounts_user", "ban", keys, select_across=across, **more)

    levels = User.objects.filter(pk__in=[each.pk for each in protected])
    assert AuthLevel.BANNED not in levels.values_list("auth_level", flat=True)
    assert Import.objects.get(pk=world.queued.pk).state == State.QUEUED
