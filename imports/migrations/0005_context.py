"""The context of orphans, which all orphans of an import share, is the import's."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Subquery


def move_to_imports(apps, schema_editor):
    orphans = apps.get_model("imports", "Orphan").objects.filter(
        source_import=OuterRef("pk")
    )
    imports = apps.get_model("imports", "Import").objects
    imports.filter(Exists(orphans)).update(
        context=Subquery(orphans.order_by("orphan_id").values("context")[:1])
    )


def move_to_orphans(apps, schema_editor):
    imports = apps.get_model("imports", "Import").objects.filter(
        pk=OuterRef("source_import")
    )
    orphans = apps.get_model("imports", "Orphan").objects
    orphans.update(context=Subquery(imports.values("context")))


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_cancel_permission")]

    operations = [
        migrations.AddField("import", "context", models.JSONField(default=dict)),
        # With a default, the column can come back to a table that has rows.
        migrations.AlterField("orphan", "context", models.JSONField(default=dict)),
        migrations.RunPython(move_to_imports, move_to_orphans),
        migrations.RemoveField("orphan", "context"),
    ]
