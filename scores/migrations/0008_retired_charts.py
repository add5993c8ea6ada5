from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scores', '0007_wide_titles'),
    ]

    operations = [
        migrations.AddField(
            model_name='chart',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='retired'),
        ),
    ]
