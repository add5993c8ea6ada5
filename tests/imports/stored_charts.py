from scores.identifiers import chart_identifiers, song_identifiers
from scores.models import Chart, ChartIdentifier, Song
from tests.shared_data import SHARED, shared_json


def store_charts_of(folder, game):
    if not (SHARED / folder / f"charts-{game}.json").exists():
        return
    songs = [
        Song(
            game=game,
            song_id=row["id"],
            title=row["title"],
            artist=row["artist"],
            alt_titles=row["altTitles"],
            search_terms=row["searchTerms"],
            data=row["data"],
        )
        for row in shared_json(f"{folder}/songs-{game}.json")
    ]
    Song.objects.bulk_create(songs)
    by_id = {song.song_id: song for song in songs}
    charts = [
        Chart(
            song=by_id[row["songID"]],
            game=game,
            playtype=row["playtype"],
            chart_id=row["chartID"],
            difficulty=row.get("difficulty", "CHART"),
            level=row["level"],
            level_num=row["levelNum"],
            is_primary=row.get("isPrimary", True),
            versions=row["versions"],
            data=row["data"],
        )
        for row in shared_json(f"{folder}/charts-{game}.json")
    ]
    Chart.objects.bulk_create(charts)
    store_identifiers(game, songs, charts)


def store_identifiers(game, songs, charts):
    of_songs = [
        ChartIdentifier(game=game, kind=kind, value=value, song=song)
        for song in songs
        for kind, value in song_identifiers(song)
    ]
    of_charts = [
        ChartIdentifier(game=game, kind=kind, value=value, chart=chart)
        for chart in charts
        for kind, value in chart_identifiers(chart)
    ]
    ChartIdentifier.objects.bulk_create(of_songs + of_charts)
