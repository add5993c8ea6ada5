"""Songs that were stored before have the same names as new ones, and can lose them."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from scores.models import ChartIdentifier, Song
from scores.seeds.identifiers import STORED_AS, song_identifiers
from tests.factories import make_chart, make_song
from tests.imports.scratch import scratch_database

TITLES = ("Plain", "Ｗｉｄｅ ", "Love♥ \u301c", "\u3000", "love\t♥ ~")


@pytest.fixture
def scratch(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path):
        yield


def test_songs_get_their_wider_titles_and_hashes_their_case(scratch, monkeypatch):
    loader = MigrationLoader(connection)
    [name] = [
        each
        for app, each in loader.disk_migrations
        if app == "scores" and each.endswith("_wide_titles")
    ]
    migration = loader.disk_migrations["scores", name]
    monkeypatch.setitem(migration.operations[0].code.__globals__, "SONGS", 2)
    [before] = [each for each in migration.dependencies if each[0] == "scores"]
    for title in TITLES:
        make_song("iidx", title=title, alt_titles=[f"{title}{title}", "Ｔｈｅ　Same"])
    chart = make_chart("bms", "7K", data={"hashMD5": "0a" * 16})
    wanted = sorted(names())
    assert any(kind in STORED_AS for _, kind, _ in wanted)

    call_command("migrate", *before, verbosity=0)
    assert not any(kind in STORED_AS for _, kind, _ in names())
    old = loader.project_state(before).apps.get_model("scores", "ChartIdentifier")
    old.objects.filter(chart=chart.pk).update(value="0A" * 16)

    call_command("migrate", verbosity=0)
    assert sorted(names()) == wanted
    assert chart.names.get().value == "0a" * 16
    assert wanted == sorted(
        (song.pk, *name)
        for song in Song.objects.all()
        for name in song_identifiers(song)
    )


def names():
    named = ChartIdentifier.objects.filter(song__isnull=False)
    return list(named.values_list("song", "kind", "value"))
