"""Every page and every action of the admin × everybody who may ask, as one table."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from imports.models import Orphan
from imports.undo.revert import revert_import
from scores.models import GameSettings, GameStats, ProfileSnapshot
from scores.snapshots import take
from tachi.accounts.models import AuthLevel, UserSettings
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
from tests.imports.rules.make import make_rule
from tests.rights.people import make_administrator, make_moderator, make_staff

pytestmark = pytest.mark.django_db

#: "login": the page asks for name and password. 404: there is no such page.
WHO = """
page       nobody player staff moderator administrator superuser banned
site       login  login  200   200       200           200       403
list       login  login  403   200       200           200       403
row        login  login  403   200       200           200       403
history    login  login  403   200       200           200       403
superusers login  login  403   403       403           200       403
forbidden  login  login  403   403       403           403       403
"""
#: The pages of a model: those of most models can only be looked at.
READ_ONLY = {
    "changelist": "list",
    "change": "row",
    "history": "history",
    "add": "forbidden",
    "delete": "forbidden",
}
USERS = {
    **READ_ONLY,
    "add": "superusers",
    "password": "superusers",
}
GROUPS = dict.fromkeys(
    ["changelist", "change", "history", "add", "delete"], "superusers"
)
MODELS = {
    "accounts_apitoken": READ_ONLY,
    "accounts_user": USERS,
    "accounts_usersettings": READ_ONLY,
    "auth_group": GROUPS,
    "imports_import": {**READ_ONLY, "sent": "row"},
    "imports_importrule": {**READ_ONLY, "add": "row"},
    "imports_orphan": READ_ONLY,
    "imports_revert": {**READ_ONLY, "restore": "row"},
    "imports_revertbatch": {**READ_ONLY, "restore": "row"},
    "jobs_job": READ_ONLY,
    "moderation_entry": {**READ_ONLY, "csv": "list"},
    "moderation_notification": READ_ONLY,
    "scores_chart": READ_ONLY,
    "scores_classclaim": READ_ONLY,
    "scores_gamesettings": READ_ONLY,
    "scores_gamestats": READ_ONLY,
    "scores_personalbest": READ_ONLY,
    "scores_profilesnapshot": READ_ONLY,
    "scores_score": READ_ONLY,
    "scores_session": READ_ONLY,
    "scores_song": READ_ONLY,
}
#: Pages of the admin as a whole, and what they are.
SITE = {"index": "site", "password_change": "site", "password_change_done": "site"}
NO_PAGES = {"login", "logout", "autocomplete", "jsi18n", "view_on_site", "app_list"}
#: Actions, and the permission that each takes. Superusers have them all.
ACTIONS = {
    "accounts_apitoken": {"revoke": "accounts.revoke_token"},
    "accounts_user": {"ban": "accounts.ban_user", "unban": "accounts.ban_user"},
    "auth_group": {"delete_selected": "auth.delete_group"},
    "imports_import": {
        "revert": "imports.revert_import",
        "restore": "imports.restore_import",
        "cancel": "imports.cancel_import",
        "retry": "imports.cancel_import",
        "run_again": "imports.revert_import",
    },
    "imports_importrule": {"lift": "imports.stop_source"},
    "imports_orphan": {"discard": "imports.revert_import"},
    "jobs_job": dict.fromkeys(["pause", "resume", "cancel"], "jobs.control_job"),
    "scores_classclaim": dict.fromkeys(
        ["withdraw", "keep", "reinstate"], "imports.review_class"
    ),
}
MODERATORS = {
    "imports.revert_import",
    "imports.restore_import",
    "imports.bulk_revert",
    "imports.cancel_import",
    "imports.review_class",
    "imports.stop_source",
}
ADMINISTRATORS = {*MODERATORS, "accounts.ban_user", "accounts.revoke_token"}

HEAD, *KINDS = [line.split() for line in WHO.splitlines() if line]
EXPECTED = {page: dict(zip(HEAD[1:], cells, strict=True)) for page, *cells in KINDS}
PATCHES = {"password": "auth_user_password_change"}


@pytest.fixture
def rows():
    """A row of every model that has pages: "imports_import" → its primary key."""
    player = make_user("player_one")
    make_token(player)
    revert_import(make_import(player, play(make_chart())), OPERATOR)
    classes = {"dan": "DAN_5"}
    make_import(player, play(make_chart(), time=NOON), play(99_999), classes=classes)
    Job.objects.create(kind="orphans", user=player)
    make_rule(game="iidx")
    GameSettings.objects.create(user=player, gpt="sdvx:Single")
    UserSettings.objects.create(user=player)
    ProfileSnapshot.objects.bulk_create(take(GameStats.objects.all(), date.today()))
    make_staff().groups.create(name="Somebody's")
    assert Orphan.objects.exists()
    found = {}
    for model in admin.site._registry:
        row = model.objects.order_by("-pk").first()
        assert row is not None, f"Make a row of {model._meta.label} here."
        found[name_of(model)] = row.pk
    return found


def people():
    """Who asks → a client with his session."""
    users = {
        "player": make_user(),
        "staff": make_staff(),
        "moderator": make_moderator(),
        "administrator": make_administrator(),
        "superuser": make_user(is_staff=True, is_superuser=True),
        "banned": make_administrator(auth_level=AuthLevel.BANNED, is_superuser=True),
    }
    clients = {"nobody": Client()}
    for who, user in users.items():
        clients[who] = Client()
        clients[who].force_login(user)
    return clients


def name_of(model):
    return f"{model._meta.app_label}_{model._meta.model_name}"


def address(name, page, rows):
    url = PATCHES.get(page, f"{name}_{page}")
    of_all = page in {"changelist", "add", "csv"}
    return reverse(f"admin:{url}", args=[] if of_all else [rows[name]])


def pages(rows):
    """Each address, and which line of WHO holds."""
    for name, of in MODELS.items():
        for page, kind in of.items():
            yield address(name, page, rows), kind
    for name, kind in SITE.items():
        yield reverse(f"admin:{name}"), kind


def said(answer):
    login = answer.status_code == 302 and answer.url.startswith("/admin/login/?next=")
    return "login" if login else str(answer.status_code)


def test_the_table_names_every_model_and_every_page():
    registered = {name_of(model) for model in admin.site._registry}
    assert registered - MODELS.keys() == set(), "Add them to MODELS, and their actions."
    assert registered == MODELS.keys(), "They are gone."
    urls = {url.name for each in admin.site.get_urls() for url in named(each)}
    known = {PATCHES.get(p, f"{m}_{p}") for m, of in MODELS.items() for p in of}
    unknown = urls - known - SITE.keys() - NO_PAGES
    assert unknown == set(), "Add the pages to MODELS or SITE."


def named(pattern):
    """The addresses below a pattern that have a name."""
    for each in getattr(pattern, "url_patterns", [pattern]):
        if each is not pattern and hasattr(each, "url_patterns"):
            yield from named(each)
        elif each.name:
            yield each


def test_the_table_names_every_action():
    for model, pages in admin.site._registry.items():
        actions = {name for _, name, _ in pages._get_base_actions()}
        if not pages.has_delete_permission(Superuser):
            actions -= {"delete_selected"}
        listed = ACTIONS.get(name_of(model), {}).keys()
        assert actions == listed, f"ACTIONS is not right about {model._meta.label}."


class Superuser:
    """A request of one."""

    class user:
        is_superuser = True
        has_perm = staticmethod(lambda name: True)


def test_each_sees_what_the_table_says_and_nothing_else(rows):
    clients = people()
    wrong = {
        f"{url}: {who} got {got}, not {expected}"
        for url, kind in pages(rows)
        for who, expected in EXPECTED[kind].items()
        if (got := said(clients[who].get(url))) != expected
    }
    assert wrong == set()


def test_what_is_posted_to_a_page_is_refused_to_all_whom_it_is_not_for(rows):
    """Nothing but a superuser's post gets beyond 403 where a form could be."""
    clients = people()
    for name, of in MODELS.items():
        for page in {"add", "change", "delete", "password"} & of.keys():
            allowed = {"superusers": ["superuser"]}.get(of[page], [])
            if (name, page) == ("accounts_user", "change"):
                allowed = ["superuser"]
            if (name, page) == ("imports_importrule", "add"):
                allowed = ["moderator", "administrator", "superuser"]
            for who, client in clients.items():
                got = said(client.post(address(name, page, rows), {"username": "x"}))
                login = who in {"nobody", "player"}
                expected = "login" if login else "403"
                assert who in allowed or got == expected, (name, page, who, got)


def test_a_post_from_another_origin_or_without_its_secret_is_refused(rows):
    user = make_user(is_staff=True, is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    from_there = {"Origin": "http://testserver:8080", "Sec-Fetch-Site": "same-site"}
    lists = [(address(name, "changelist", rows), kind) for name, kind in MODELS.items()]
    for url, _ in [*lists, *pages(rows)]:
        for headers in ({}, from_there):
            assert client.post(url, {"post": "yes"}, headers=headers).status_code == 403


def offered(client, name):
    """The actions that the list of a model offers; None where it is not shown."""
    answer = client.get(reverse(f"admin:{name}_changelist"))
    if answer.status_code != 200:
        return None
    return {
        value
        for value, _ in answer.context["cl"].model_admin.get_action_choices(
            answer.wsgi_request
        )
        if value
    }


def expected_actions(name, permissions):
    return {
        action
        for action, needed in ACTIONS.get(name, {}).items()
        if needed in permissions
    }


EVERY = {needed for actions in ACTIONS.values() for needed in actions.values()}


@pytest.mark.parametrize("permission", sorted(EVERY - {"auth.delete_group"}))
def test_a_permission_alone_is_enough_for_its_actions_and_shows_nothing_else(
    client, rows, permission
):
    client.force_login(make_staff(permission))
    index = client.get("/admin/").content.decode()
    for name in MODELS:
        expected = expected_actions(name, {permission}) or None
        assert offered(client, name) == expected, name
        assert (address(name, "changelist", rows) in index) is bool(expected)


def test_the_groups_are_offered_exactly_their_actions(client, rows):
    for make, permissions in (
        (make_moderator, MODERATORS),
        (make_administrator, ADMINISTRATORS),
    ):
        client.force_login(make())
        for name in MODELS.keys() - {"auth_group"}:
            assert offered(client, name) == expected_actions(name, permissions), name
        assert offered(client, "auth_group") is None


def test_nothing_leads_to_a_page_that_is_refused(client, rows):
    """Whatever somebody may look at, all links on it work."""
    queued = make_row()
    for permission in [
        "imports.view_import",
        "imports.revert_import",
        "scores.view_score",
        "scores.view_personalbest",
        "scores.view_session",
        "scores.view_song",
        "scores.view_chart",
        "imports.view_orphan",
        "imports.view_revert",
        "imports.review_class",
        "accounts.revoke_token",
        "accounts.view_user",
        "jobs.control_job",
        "GROUP",
    ]:
        user = make_moderator() if permission == "GROUP" else make_staff(permission)
        client.force_login(user)
        answers = {"/admin/": client.get("/admin/")}
        for name in MODELS:
            keys = {rows[name], queued.pk} if name == "imports_import" else {rows[name]}
            urls = [address(name, "changelist", rows)]
            urls += [reverse(f"admin:{name}_change", args=[key]) for key in keys]
            answers |= {url: client.get(url) for url in urls}
        seen = {url for url, each in answers.items() if each.status_code == 200}
        assert len(seen) > 1
        refused = set()
        for url in seen:
            for link in links(answers[url].content.decode()):
                if link not in answers:
                    answers[link] = client.get(link)
                if answers[link].status_code >= 400:
                    refused.add(f"{url} → {link}: {answers[link].status_code}")
        assert refused == set(), permission


def links(page):
    """The pages that a page leads to, with whatever filter."""
    found = re.findall(r'href="(/(?:admin|api)/[^"#?]*)', page)
    return set(found) - {"/admin/jsi18n/"}
