"""The groups that a site has from the start, made by migrations.

A migration that makes a model, or a permission, for moderators has an operation
`migrations.RunPython(granted(MODERATORS, "imports.view_batch"), noop)`.
"""

from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db.models import Q

MODERATORS, ADMINISTRATORS = "Moderators", "Administrators"
#: The apps whose models are ours, and whose rows moderators may see.
OURS = ("accounts", "imports", "jobs", "moderation", "scores")
MODERATE = (
    "imports.revert_import",
    "imports.restore_import",
    "imports.bulk_revert",
    "imports.cancel_import",
    "imports.review_class",
    "imports.stop_source",
)
ADMINISTER = (*MODERATE, "accounts.ban_user", "accounts.revoke_token")


def granted(group: str, *names: str) -> Callable[[Apps, Any], None]:
    """For `RunPython`: give permissions, like "imports.view_import", to a group.

    Permissions that the models declare are stored if need be, groups that an operator
    has deleted are not made again. Administrators have what moderators have.
    """

    def grant(apps: Apps, schema_editor: Any) -> None:
        alias = schema_editor.connection.alias
        store_permissions(apps, alias)
        permissions = permissions_named(apps, alias, names)
        groups = apps.get_model("auth", "Group").objects.using(alias)
        for each in groups.filter(name__in={group, ADMINISTRATORS}):
            each.permissions.add(*permissions)

    return grant


def make_groups(apps: Apps, schema_editor: Any) -> None:
    """Make both groups with all their rights; those of that name get what they lack."""
    alias = schema_editor.connection.alias
    store_permissions(apps, alias)
    permission = apps.get_model("auth", "Permission").objects.using(alias)
    of_ours = permission.filter(content_type__app_label__in=OURS)
    seeing = list(of_ours.filter(codename__startswith="view_"))
    for name, acts in ((MODERATORS, MODERATE), (ADMINISTRATORS, ADMINISTER)):
        groups = apps.get_model("auth", "Group").objects.using(alias)
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*seeing, *permissions_named(apps, alias, acts))


def permissions_named(apps: Apps, alias: str, names: tuple[str, ...]) -> list[Any]:
    """The permissions of these names ("app.codename")."""
    wanted = Q(pk=None)
    for app, codename in (name.split(".") for name in names):
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(
        apps.get_model("auth", "Permission").objects.using(alias).filter(wanted)
    )


def store_permissions(apps: Apps, alias: str) -> None:
    """Store the permissions of our models: Django does it after all migrations only.

    Apps that are younger than a migration are not there yet.
    """
    for label in OURS:
        if label not in apps.app_configs:
            continue
        app = apps.get_app_config(label)
        before = getattr(app, "models_module", None)
        app.models_module = True  # type: ignore[assignment]  # Else it is passed over.
        create_permissions(app, verbosity=0, using=alias, apps=apps)
        app.models_module = before
