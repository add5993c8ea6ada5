"""Songs and charts from the shared data."""

from scores.models import Chart
from scores.seeds.files import Seeds
from scores.seeds.load import store, store_all
from tests.shared_data import SHARED, shared_json

UNSAID = {"difficulty": "CHART", "isPrimary": True}


def store_seeds(folder: str, game: str, with_charts: bool = True) -> None:
    """Store a game's songs and charts of a folder, unchecked; there may be none."""
    files = {kind: f"{folder}/{kind}-{game}.json" for kind in ("songs", "charts")}
    if not all((SHARED / path).exists() for path in files.values()):
        return
    charts = shared_json(files["charts"]) if with_charts else []
    charts = [{**UNSAID, **chart} for chart in charts]
    store(Seeds(game, shared_json(files["songs"]), charts))


def load_changed(*charts: Chart, **fields) -> None:
    """Load seeds in which these charts of one game have other values ("levelNum")."""
    records = [
        {
            "chartID": chart.chart_id,
            "songID": chart.song.song_id,
            "playtype": chart.playtype,
            "difficulty": chart.difficulty,
            "level": chart.level,
            "levelNum": chart.level_num,
            "isPrimary": chart.is_primary,
            "versions": chart.versions,
            "data": chart.data,
            **fields,
        }
        for chart in charts
    ]
    store_all([Seeds(charts[0].game, [], records)])
