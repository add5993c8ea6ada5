"""Every statement of a load fails once, and dies once: nothing is changed, and the same
files can be loaded again."""

import json

import pytest

from scores.models import Chart, ChartIdentifier, Song
from scores.seeds.load import load
from tachi.jobs.models import Job
from tests.imports.test_faults import Fault, World, faults
from tests.scores.seeds.test_retired_charts import CHARTS, SONGS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def rows():
    charts = Chart.objects.order_by("chart_id")
    return (
        [(each.chart_id, each.level, bool(each.retired_at)) for each in charts],
        list(Song.objects.order_by("song_id").values_list("title", flat=True)),
        ChartIdentifier.objects.count(),
        Job.objects.count(),
    )


def test_a_load_happens_entirely_or_not_at_all(tmp_path, monkeypatch):
    def write(songs, charts):
        (tmp_path / "songs-sdvx.json").write_text(json.dumps(songs))
        (tmp_path / "charts-sdvx.json").write_text(json.dumps(charts))

    write(SONGS, CHARTS)
    load(tmp_path)
    write(SONGS, CHARTS[1:])
    load(tmp_path)
    Job.objects.all().delete()
    before, world = rows(), World()
    song = {**SONGS[0], "title": "Ocean"}
    write([song, SONGS[1]], [{**CHARTS[0], "level": "9"}, *CHARTS[1:8]])
    with faults(monkeypatch) as statements:
        load(tmp_path, allow_missing=True)
    after = rows()
    assert [bool(retired) for _, _, retired in after[0]].count(True) == 2
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            Job.objects.all().delete()
            world.begin_anew()
            with faults(monkeypatch, failing, dying), pytest.raises(Fault):
                load(tmp_path, allow_missing=True)
            assert rows() == before
            load(tmp_path, allow_missing=True)
            assert rows() == after
