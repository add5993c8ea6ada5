"""Answers that were recorded from the original, and how ours compare to them."""

import json

from scores.models import Chart, Song
from tests.imports.stored_charts import store_identifiers
from tests.shared_data import shared_json

VOLATILE = {"importID", "sessionID", "timeAdded", "timeInserted"}
OURS = {"counts", "appendedSessions"}
OF_THE_RECORDED_USERS = {"about", "joinDate", "lastSeen"}


def recorded(scenario):
    """The steps of a scenario by name."""
    steps = shared_json(f"golden/{scenario}.json")["steps"]
    return {step["name"]: step for step in steps}


def recorded_file(step):
    return json.dumps(step["request"]["multipart"]["scoreData"]["json"]).encode()


def store_songs_and_charts(game, songs, charts):
    """Store documents as they are on the wire."""
    stored = [
        Song(
            game=game,
            song_id=song["id"],
            title=song["title"],
            artist=song["artist"],
            alt_titles=song["altTitles"],
            search_terms=song["searchTerms"],
            data=song["data"],
        )
        for song in songs
    ]
    Song.objects.bulk_create(stored)
    by_id = {song.song_id: song for song in stored}
    of_songs = [
        Chart(
            song=by_id[chart["songID"]],
            game=game,
            playtype=chart["playtype"],
            chart_id=chart["chartID"],
            difficulty=chart["difficulty"],
            level=chart["level"],
            level_num=chart["levelNum"],
            is_primary=chart["isPrimary"],
            versions=chart["versions"],
            data=chart["data"],
        )
        for chart in charts
    ]
    Chart.objects.bulk_create(of_songs)
    store_identifiers(game, stored, of_songs)


def comparable(value):
    """A body without what differs from run to run, its lists in one order."""
    if isinstance(value, list):
        return sorted(map(comparable, value), key=lambda item: json.dumps(item))
    if not isinstance(value, dict):
        return value
    drop = VOLATILE | OURS | OF_THE_RECORDED_USERS
    if "sessionID" in value:
        drop = drop | {"name"}
    if "importID" in value:
        drop = drop | {"timeStarted", "timeFinished"}
    return {key: comparable(value[key]) for key in sorted(value) if key not in drop}
