"""Songs and charts from the shared data."""

from scores.seeds.files import Seeds
from scores.seeds.load import store
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
