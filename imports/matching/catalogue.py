"""The songs and charts that an import speaks of, fetched by what it calls them."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import QuerySet

from imports.matching.wide_titles import wide_title, wide_titles
from scores.copy_rows import chunks
from scores.models import Chart, ChartIdentifier, Song
from scores.rules.game import Game
from scores.seeds.identifiers import SONG_KINDS, TITLE

SONG_ID = "songID"
WIDE_TITLE = "wideTitle"
LARGEST_SONG_ID = 2**31 - 1

#: Kind of identifier → the values of it to look up.
Wanted = dict[str, set[str]]


class SongRow(NamedTuple):
    pk: int
    title: str
    artist: str
    alt_titles: list[str]


class Catalogue:
    """Songs and charts of one game by the identifiers that were wanted.

    A chart is fetched once, however often and in whatever ways it is named.
    """

    def __init__(self, game: Game, wanted: Wanted) -> None:
        self._loaded: dict[int, Chart] = {}
        self._songs: dict[tuple[str, str], list[SongRow]] = defaultdict(list)
        self._charts: dict[tuple[str, str], list[Chart]] = defaultdict(list)
        self._charts_of: dict[int, list[Chart]] = defaultdict(list)
        self._game = game
        for kind, values in wanted.items():
            if kind == SONG_ID:
                self._fetch_songs_by_id(values)
            elif kind == TITLE or kind in SONG_KINDS:
                self._fetch_songs(kind, values)
        self._fetch_songs_widely(wanted.get(WIDE_TITLE, set()))
        self._fetch_charts_of_songs(
            all_playtypes=not wanted.keys().isdisjoint(SONG_KINDS)
        )
        self._fetch_charts(
            {kind: values for kind, values in wanted.items() if kind not in _OF_SONGS}
        )

    def songs(self, kind: str, value: str) -> list[SongRow]:
        """The songs of that name, each once, in storage order."""
        return self._songs.get((kind, value), [])

    def charts_of(self, song: SongRow) -> list[Chart]:
        """The charts of a song that was looked up, in storage order: of the playtype.

        Those of all playtypes where a song was named by its hash.
        """
        return self._charts_of.get(song.pk, [])

    def charts(self, kind: str, value: str) -> list[Chart]:
        """The charts of that name, in whatever playtype, in storage order."""
        return self._charts.get((kind, value), [])

    def _fetch_songs_by_id(self, values: set[str]) -> None:
        ids = [int(value) for value in values if int(value) <= LARGEST_SONG_ID]
        for chunk in chunks(ids):
            rows = Song.objects.filter(game=self._game.name, song_id__in=chunk)
            columns = ("song_id", "pk", "title", "artist", "alt_titles")
            for song_id, *row in rows.values_list(*columns):
                self._songs[SONG_ID, str(song_id)].append(SongRow._make(row))

    def _fetch_songs(self, kind: str, values: set[str]) -> None:
        for chunk in chunks(values):
            rows = self._named(kind, chunk).order_by("song_id")
            for value, *row in rows.values_list("value", *_SONG_ROW):
                self._songs[kind, value].append(SongRow._make(row))

    def _fetch_songs_widely(self, titles: set[str]) -> None:
        """Look for the titles that no song has among all of the game, more widely.

        One query, and only where there is such a title.
        """
        missing = defaultdict(list)
        for title in titles:
            if (TITLE, title) not in self._songs and (wide := wide_title(title)):
                missing[wide].append(title)
        if not missing:
            return
        rows = ChartIdentifier.objects.filter(game=self._game.name, kind=TITLE)
        rows = rows.order_by("song_id")
        for stored, *row in rows.values_list("value", *_SONG_ROW):
            for wide in wide_titles(stored) & missing.keys():
                for title in missing[wide]:
                    songs = self._songs[WIDE_TITLE, title]
                    if not songs or songs[-1].pk != row[0]:
                        songs.append(SongRow._make(row))

    def _fetch_charts_of_songs(self, *, all_playtypes: bool) -> None:
        """To make the objects costs as much as all the rest of matching."""
        pks = {song.pk for songs in self._songs.values() for song in songs}
        of_songs = Chart.objects.order_by("pk")
        if not all_playtypes:
            of_songs = of_songs.filter(playtype=self._game.playtype)
        for chunk in chunks(sorted(pks)):
            for chart in of_songs.filter(song_id__in=chunk):
                self._loaded[chart.pk] = chart
                self._charts_of[chart.song_id].append(chart)

    def _fetch_charts(self, wanted: Wanted) -> None:
        names = defaultdict(list)
        for kind, values in wanted.items():
            for chunk in chunks(values):
                rows = self._named(kind, chunk).values_list("chart_id", "value")
                for chart, value in rows:
                    names[chart].append((kind, value))
        for pks in chunks(names.keys() - self._loaded.keys()):
            found = Chart.objects.filter(pk__in=pks)
            self._loaded.update((chart.pk, chart) for chart in found)
        for pk in sorted(names.keys() & self._loaded.keys()):
            for name in names[pk]:
                self._charts[name].append(self._loaded[pk])

    def _named(self, kind: str, values: list[str]) -> QuerySet[ChartIdentifier]:
        return ChartIdentifier.objects.filter(
            game=self._game.name, kind=kind, value__in=values
        )


_OF_SONGS = {SONG_ID, TITLE, WIDE_TITLE, *SONG_KINDS}
_SONG_ROW = ("song_id", "song__title", "song__artist", "song__alt_titles")
