import json
from datetime import timedelta

import pytest

from scores.models import Chart
from scores.seeds.load import load
from tests.factories import make_chart

pytestmark = pytest.mark.django_db


def test_a_load_is_a_new_edition_though_another_clock_was_ahead(tmp_path):
    chart = make_chart()
    ahead = chart.changed_at + timedelta(days=1)
    Chart.objects.update(changed_at=ahead)
    record = {
        "chartID": chart.chart_id,
        "songID": chart.song.song_id,
        "playtype": chart.playtype,
        "difficulty": chart.difficulty,
        "level": "20",
        "levelNum": 20,
        "isPrimary": True,
        "versions": [],
        "data": chart.data,
    }
    (tmp_path / "charts-sdvx.json").write_text(json.dumps([record]))

    load(tmp_path)

    assert Chart.objects.charts_version("sdvx") > ahead
