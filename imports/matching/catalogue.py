"""The songs and charts that an import speaks of, fetched by what it calls them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from scores.copy_rows import chunks
from scores.models import Chart, ChartIdentifier, Song, listed_first
from scores.rules.game import Game
from scores.seeds.identifiers import SONG_KINDS, STORED_AS, TITLE
from tachi.prepared import Prepared

SONG_ID = "songID"
LARGEST_SONG_ID = 2**31 - 1

#: Kind of identifier → the values of it to look up.
Wanted = dict[str, set[str]]


CHART_FIELDS = [field.attname for field in Chart._meta.concrete_fields]


class SongRow(NamedTuple):
    pk: int
    song_id: int
    title: str
    artist: str
    alt_titles: list[str]


class Catalogue:
    """Songs and charts of one game by the identifiers that were looked up.

    A chart is fetched once, however often and in whatever ways it is named.
    """

    def __init__(self, game: Game) -> None:
        self._loaded: dict[int, Chart] = {}
        self._songs: dict[tuple[str, str], list[SongRow]] = defaultdict(list)
        self._charts: dict[tuple[str, str], list[Chart]] = defaultdict(list)
        self._charts_of: dict[int, dict[int, Chart]] = defaultdict(dict)
        self._asked: Wanted = defaultdict(set)
        self._game = game

    def look_up(self, wanted: Wanted) -> None:
        """Fetch what has these identifiers; once for each of them."""
        for kind, values in wanted.items():
            self._asked[kind] |= values
            if kind == SONG_ID:
                self._fetch_songs_by_id(values)
            elif kind in _OF_SONGS:
                self._fetch_songs(kind, values)
        self._fetch_charts(
            {kind: values for kind, values in wanted.items() if kind not in _OF_SONGS}
        )

    def has_looked_up(self, kind: str, value: str) -> bool:
        """Whether it is known which songs or charts have that name."""
        return value in self._asked[kind]

    def songs(self, kind: str, value: str) -> list[SongRow]:
        """The songs of that name, each once, in storage order."""
        return self._songs.get((kind, value), [])

    def charts_of(self, song: SongRow) -> list[Chart]:
        """All charts of a song that was looked up, `listed_first`."""
        return sorted(self._charts_of.get(song.pk, {}).values(), key=listed_first)

    def is_retired(self, song: SongRow) -> bool:
        """Whether a song that was looked up has charts, all of which are retired."""
        charts = self._charts_of.get(song.pk, {}).values()
        return bool(charts) and all(chart.retired_at for chart in charts)

    def charts(self, kind: str, value: str) -> list[Chart]:
        """The charts of that name, in whatever playtype, `listed_first`."""
        return self._charts.get((kind, value), [])

    def _fetch_songs_by_id(self, values: set[str]) -> None:
        ids = [int(value) for value in values if int(value) <= LARGEST_SONG_ID]
        for chunk in chunks(ids):
            self._add_songs(SONG_ID, _songs_by_id(self._game.name, chunk))

    def _fetch_songs(self, kind: str, values: set[str]) -> None:
        kinds = [*STORED_AS.get(kind, (kind,))]
        for chunk in chunks(values):
            self._add_songs(kind, _songs_named(self._game.name, kinds, chunk))

    def _add_songs(self, kind: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add (name, song's row, its chart's) of each chart of songs so called."""
        for name, pk, song_id, title, artist, alt_titles, *chart in rows:
            of_name = self._songs[kind, str(name)]
            if not (of_name and of_name[-1].pk == pk):
                of_name.append(SongRow(pk, song_id, title, artist, alt_titles))
            charts = self._charts_of[pk]
            if chart[0] is not None and chart[0] not in charts:
                charts[chart[0]] = self._loaded_chart(chart)

    def _fetch_charts(self, wanted: Wanted) -> None:
        names = defaultdict(list)
        for kind, values in wanted.items():
            for chunk in chunks(values):
                rows = _charts_named(self._game.name, kind, chunk)
                for value, *chart in rows:
                    if chart[0] is None:
                        continue
                    names[self._loaded_chart(chart).pk].append((kind, value))
        for each in sorted(map(self._loaded.__getitem__, names), key=listed_first):
            for name in names[each.pk]:
                self._charts[name].append(each)

    def _loaded_chart(self, values: Sequence[Any]) -> Chart:
        """The one chart of these values, which begin with its primary key."""
        chart = self._loaded.get(values[0])
        if chart is None:
            chart = Chart.from_db("default", CHART_FIELDS, values)
            self._loaded[values[0]] = chart
        return chart


_OF_SONGS = {SONG_ID, TITLE, *STORED_AS, *SONG_KINDS}
_SONG_ROW = (
    "song_id",
    "song__song_id",
    "song__title",
    "song__artist",
    "song__alt_titles",
)


def _of_chart(path: str) -> list[str]:
    return [f"{path}__{name}" for name in CHART_FIELDS]


@Prepared
def _songs_by_id(game: str, ids: list[int]) -> QuerySet[Song, tuple[Any, ...]]:
    """Each song with each of its charts; once, and nulls, where there is none."""
    songs = Song.objects.filter(game=game, song_id__in=ids)
    columns = ("song_id", "pk", "song_id", "title", "artist", "alt_titles")
    return songs.values_list(*columns, *_of_chart("charts"))


@Prepared
def _songs_named(
    game: str, kinds: list[str], values: list[str]
) -> QuerySet[ChartIdentifier, tuple[Any, ...]]:
    """The same of the songs that are called so, in storage order."""
    names = ChartIdentifier.objects.filter(game=game, kind__in=kinds, value__in=values)
    columns = ("value", *_SONG_ROW, *_of_chart("song__charts"))
    return names.order_by("song_id").values_list(*columns)


@Prepared
def _charts_named(
    game: str, kind: str, values: list[str]
) -> QuerySet[ChartIdentifier, tuple[Any, ...]]:
    names = ChartIdentifier.objects.filter(game=game, kind=kind, value__in=values)
    return names.values_list("value", *_of_chart("chart"))
