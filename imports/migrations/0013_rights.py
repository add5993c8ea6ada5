from django.db import migrations

from tachi.accounts.groups import make_groups

JOINT, REVERT = 'Can revert and restore imports', 'Can revert imports'
#: What a permission is for now, and the one by which it was done before.
BEFORE = [
    ('imports.restore_import', 'imports.revert_import'),
    ('imports.review_class', 'scores.change_classclaim'),
    ('accounts.revoke_token', 'accounts.change_apitoken'),
]
#: Whoever has the new one could not do more by the old one.
AND_BACK = BEFORE[1:]


def permission(apps, alias, name):
    app, codename = name.split('.')
    permissions = apps.get_model('auth', 'Permission').objects.using(alias)
    return permissions.filter(content_type__app_label=app, codename=codename).first()


def hand_on(apps, alias, pairs):
    """Who has the second permission of a pair gets the first one, groups as well."""
    for new, old in pairs:
        given, held = (permission(apps, alias, name) for name in (new, old))
        if given is None or held is None:
            continue
        given.group_set.add(*held.group_set.all())
        given.user_set.add(*held.user_set.all())


def rename(apps, alias, name):
    permissions = apps.get_model('auth', 'Permission').objects.using(alias)
    permissions.filter(
        content_type__app_label='imports', codename='revert_import'
    ).update(name=name)


def forward(apps, schema_editor):
    alias = schema_editor.connection.alias
    make_groups(apps, schema_editor)
    rename(apps, alias, REVERT)
    hand_on(apps, alias, BEFORE)


def backward(apps, schema_editor):
    """The groups stay, with their members: there may have been some before."""
    alias = schema_editor.connection.alias
    rename(apps, alias, JOINT)
    hand_on(apps, alias, [(old, new) for new, old in AND_BACK])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_revoke_token'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('imports', '0012_chart_queue'),
        ('jobs', '0001_initial'),
        ('scores', '0004_courses_and_replays'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='import',
            options={'permissions': [('revert_import', 'Can revert imports'), ('restore_import', 'Can restore reverted imports'), ('bulk_revert', 'Can revert imports in batches'), ('cancel_import', 'Can cancel imports, and run failed ones again'), ('review_class', 'Can withdraw classes that imports provided'), ('stop_source', 'Can stop a source of imports')]},
        ),
        migrations.RunPython(forward, backward),
    ]
