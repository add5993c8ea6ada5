"""Songs that are stored already get their wide and plain titles, as new ones have them.

And hashes of hexadecimal digits are kept in lower case. Backwards the titles go; the
hashes stay as they are, since of which case they were is known from their charts only.
"""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower

from scores.seeds.identifiers import HASH_KINDS, STORED_AS, song_identifiers

SONGS = 1_000  # in memory
HEXADECIMAL = "^[0-9a-fA-F]+$"


def add_titles(apps, schema_editor):
    songs = apps.get_model("scores", "Song").objects.order_by("pk")
    identifiers = apps.get_model("scores", "ChartIdentifier").objects
    after = 0
    while some := list(songs.filter(pk__gt=after)[:SONGS]):
        identifiers.bulk_create(
            identifiers.model(game=song.game, kind=kind, value=value, song=song)
            for song in some
            for kind, value in song_identifiers(song)
            if kind in STORED_AS
        )
        after = some[-1].pk


def remove_titles(apps, schema_editor):
    identifiers = apps.get_model("scores", "ChartIdentifier").objects
    identifiers.filter(kind__in=STORED_AS).delete()


def lower_hashes(apps, schema_editor):
    identifiers = apps.get_model("scores", "ChartIdentifier").objects
    hashes = identifiers.filter(kind__in=HASH_KINDS, value__regex=HEXADECIMAL)
    hashes.exclude(value=Lower(F("value"))).update(value=Lower(F("value")))


class Migration(migrations.Migration):
    dependencies = [("scores", "0006_blocks_of_reverts")]

    operations = [
        migrations.RunPython(add_titles, remove_titles),
        migrations.RunPython(lower_hashes, migrations.RunPython.noop),
    ]
