"""New names for columns, and two columns for what `lease_until` meant both.

Until now `lease_until` of a queued import was the time to wake another worker for it.
"""

from django.db import migrations, models
from django.db.models import F


def split_lease_until(apps, schema_editor):
    imports = apps.get_model("imports", "Import").objects
    queued = imports.filter(state="queued")
    queued.update(wake_again_at=F("lease_until"), lease_until=None)


def join_lease_until(apps, schema_editor):
    imports = apps.get_model("imports", "Import").objects
    imports.filter(state="queued").update(lease_until=F("wake_again_at"))


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.RenameField("import", "resent", "later_claims"),
        migrations.RenameField("revert", "contents", "snapshot"),
        migrations.AlterField(
            "revert",
            "snapshot",
            models.BinaryField(
                blank=True, help_text="what the import held, compressed", null=True
            ),
        ),
        migrations.AddField(
            "import",
            "wake_again_at",
            models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(split_lease_until, join_lease_until),
    ]
