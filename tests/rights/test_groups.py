"""The groups, from an empty database and from one with grants of old."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tachi.accounts import groups
from tachi.accounts.models import User
from tests.imports.scratch import scratch_database
from tests.rights.people import make_member
from tests.rights.test_rights_in_the_admin import ADMINISTRATORS, MODERATORS

NAMES = {"Moderators": MODERATORS, "Administrators": ADMINISTRATORS}


def rights(group):
    return set(
        Group.objects.get(name=group).permissions.values_list(
            "content_type__app_label", "codename"
        )
    )


def dotted(names):
    return {tuple(name.split(".")) for name in names}


def seeing():
    """To view every model of ours, as they are now."""
    return {
        (model._meta.app_label, f"view_{model._meta.model_name}")
        for model in apps.get_models()
        if model._meta.app_label in groups.OURS and not model._meta.auto_created
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_a_group_sees_everything_and_has_its_verbs_and_nothing_else(name):
    make_member(name)

    assert rights(name) == dotted(NAMES[name]) | seeing(), (
        "Where a migration makes a model, give its view permission to moderators: "
        "RunPython(granted(MODERATORS, ...), noop) of tachi.accounts.groups."
    )


def before():
    """The migrations before these, whatever their numbers."""
    migrations = MigrationLoader(connection).disk_migrations
    ours = [
        each
        for (app, name), each in migrations.items()
        if (app, name.partition("_")[2])
        in {("imports", "rights"), ("accounts", "revoke_token")}
    ]
    assert len(ours) == 2
    made = {(each.app_label, each.name) for each in ours}
    found = {each for migration in ours for each in migration.dependencies}
    return sorted(each for each in found - made if each[0] in groups.OURS)


def grant(to, *names):
    for app, codename in dotted(names):
        to.add(Permission.objects.get(content_type__app_label=app, codename=codename))


@pytest.fixture
def old_site(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path, before()):
        yield


def test_who_could_do_something_before_the_migration_still_can(old_site):
    old = MigrationLoader(connection).project_state(before()).apps
    assert not Permission.objects.filter(codename="restore_import").exists()
    users = {name: make_old_user(old, name) for name in ("reverter", "reviewer")}
    theirs = Group.objects.create(name="Moderators")
    keepers = Group.objects.create(name="Keepers of tokens")
    grant(users["reverter"].user_permissions, "imports.revert_import")
    grant(users["reviewer"].user_permissions, "scores.change_classclaim")
    grant(theirs.permissions, "imports.view_import", "auth.view_group")
    grant(keepers.permissions, "accounts.change_apitoken")
    users["reverter"].groups.add(theirs)
    users["reviewer"].groups.add(keepers)

    for kept in (set(), {("scores", "change_classclaim")}):  # from going back
        call_command("migrate", verbosity=0)

        reverter, reviewer = User.objects.order_by("username")
        assert reverter.has_perms(["imports.revert_import", "imports.restore_import"])
        assert reviewer.has_perms(["imports.review_class", "accounts.revoke_token"])
        assert not reviewer.has_perm("imports.revert_import")
        assert not reverter.has_perm("accounts.revoke_token")
        assert list(reverter.groups.values_list("name", flat=True)) == ["Moderators"]
        usual = dotted(MODERATORS) | seeing() | kept
        assert rights("Moderators") == usual | {("auth", "view_group")}
        assert rights("Administrators") >= dotted(ADMINISTRATORS) | seeing()
        assert name_of("revert_import") == "Can revert imports"
        for migration in before():
            call_command("migrate", *migration, verbosity=0)
        assert name_of("revert_import") == "Can revert and restore imports"
        rows = User.objects.only("auth_level", "is_active", "is_superuser")
        held = rows.get(username="reviewer").get_all_permissions()
        assert {"scores.change_classclaim", "accounts.change_apitoken"} <= held


def make_old_user(old, name):
    made = old.get_model("accounts", "User").objects.create(username=name)
    return User.objects.defer(*newer(old)).get(pk=made.pk)


def newer(old):
    """Columns that the table does not have yet."""
    there = {each.name for each in old.get_model("accounts", "User")._meta.get_fields()}
    return {each.name for each in User._meta.concrete_fields} - there


def name_of(codename):
    return Permission.objects.get(codename=codename).name


@pytest.mark.django_db
def test_a_right_of_a_later_migration_goes_to_moderators_and_administrators():
    for name in NAMES:
        make_member(name)
    Group.objects.create(name="Others")
    editor = SimpleNamespace(connection=connection)
    groups.granted(groups.MODERATORS, "jobs.control_job")(apps, editor)
    groups.granted(groups.ADMINISTRATORS, "jobs.add_job")(apps, editor)
    assert {("jobs", "control_job"), ("jobs", "add_job")} <= rights("Administrators")
    Group.objects.filter(name="Administrators").delete()
    groups.granted(groups.MODERATORS, "jobs.control_job")(apps, editor)

    assert ("jobs", "control_job") in rights("Moderators")
    assert ("jobs", "add_job") not in rights("Moderators")
    assert not rights("Others")
    assert not Group.objects.filter(name="Administrators").exists()
