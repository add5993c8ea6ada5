from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_sentences'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='apitoken',
            options={'permissions': [('revoke_token', 'Can revoke API tokens')], 'verbose_name': 'API token'},
        ),
    ]
