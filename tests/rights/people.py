"""Who asks: people with the rights that the tables name."""

from types import SimpleNamespace

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from tachi.accounts.groups import ADMINISTRATORS, MODERATORS, make_groups
from tests.factories import make_user


def make_staff(*permissions, **fields):
    """Somebody who may enter the admin, with permissions like "imports.view_import"."""
    user = make_user(is_staff=True, **fields)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def make_member(group, **fields):
    """A member of a group that the migrations have made."""
    if not Group.objects.filter(name=group).exists():  # a test has emptied all tables
        make_groups(apps, SimpleNamespace(connection=connection))
    user = make_user(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=group))
    return user


def make_moderator(**fields):
    return make_member(MODERATORS, **fields)


def make_administrator(**fields):
    return make_member(ADMINISTRATORS, **fields)
