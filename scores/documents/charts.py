"""Songs and charts on the wire, and those that scores or bests belong to."""

from typing import Annotated, Any, TypedDict

from django.db.models import QuerySet
from orjson import Fragment

from scores.json_columns import json_text
from scores.models import Chart, Song
from scores.rules.javascript import whole


class SongDocument(TypedDict):
    """A song of a game."""

    id: Annotated[int, "Unique within the game."]
    title: str
    artist: str
    searchTerms: Annotated[Fragment, list[str]]
    altTitles: Annotated[Fragment, list[str]]
    data: Annotated[Fragment, dict[str, Any], "What else the game knows of a song."]


class ChartDocument(TypedDict):
    """A chart of a song, in one playtype and difficulty."""

    chartID: str
    songID: int
    level: Annotated[str, "As the game shows it."]
    levelNum: Annotated[float, "The level as a number to sort by."]
    isPrimary: Annotated[bool, "Whether it counts for the ratings of profiles."]
    difficulty: str
    playtype: str
    data: Annotated[Fragment, dict[str, Any], "What else the game knows of a chart."]
    versions: Annotated[Fragment, list[str], "The versions of the game that have it."]


class Parents(TypedDict):
    """The songs and charts of scores, each once."""

    songs: list[SongDocument]
    charts: list[ChartDocument]


class ParentsOf(TypedDict):
    """A chart with its song."""

    song: SongDocument
    chart: ChartDocument


def song_documents(songs: QuerySet[Song]) -> list[SongDocument]:
    """Songs as `{id, title, artist, searchTerms, altTitles, data}`; one statement."""
    rows = songs.values_list(
        "song_id",
        "title",
        "artist",
        json_text("search_terms"),
        json_text("alt_titles"),
        json_text("data"),
    )
    return [
        {
            "id": song_id,
            "title": title,
            "artist": artist,
            "searchTerms": Fragment(terms),
            "altTitles": Fragment(alternatives),
            "data": Fragment(data),
        }
        for song_id, title, artist, terms, alternatives, data in rows
    ]


def chart_documents(charts: QuerySet[Chart]) -> list[ChartDocument]:
    """Charts as `{chartID, songID, level, levelNum, ...}`; one statement."""
    rows = charts.values_list(
        "chart_id",
        "song__song_id",
        "level",
        "level_num",
        "is_primary",
        "difficulty",
        "playtype",
        json_text("data"),
        json_text("versions"),
    )
    return [
        {
            "chartID": chart_id,
            "songID": song_id,
            "level": level,
            "levelNum": whole(level_num),
            "isPrimary": is_primary,
            "difficulty": difficulty,
            "playtype": playtype,
            "data": Fragment(data),
            "versions": Fragment(versions),
        }
        for (
            chart_id,
            song_id,
            level,
            level_num,
            is_primary,
            difficulty,
            playtype,
            data,
            versions,
        ) in rows
    ]


def parents(played: QuerySet[Any]) -> Parents:
    """The `{songs, charts}` of these scores or bests, each once; two statements."""
    songs = Song.objects.filter(pk__in=played.values("chart__song"))
    charts = Chart.objects.filter(pk__in=played.values("chart"))
    return {
        "songs": song_documents(songs.order_by("song_id")),
        "charts": chart_documents(charts.order_by("chart_id")),
    }


def parents_of(chart: Chart) -> ParentsOf:
    """The chart with its song: `{song, chart}`; two statements."""
    songs = Song.objects.filter(pk=chart.song_id)
    charts = Chart.objects.filter(pk=chart.pk)
    return {"song": song_documents(songs)[0], "chart": chart_documents(charts)[0]}
