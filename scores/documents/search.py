"""Charts that were looked for, with their songs and how often they were played."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Annotated, TypedDict

from django.db.models import Count, Q, QuerySet

from scores.documents.charts import (
    ChartDocument,
    SongDocument,
    chart_documents,
    song_documents,
)
from scores.models import Chart, PersonalBest, Score, Song


class FoundChart(TypedDict):
    """A chart with its song."""

    song: SongDocument
    chart: ChartDocument
    playcount: Annotated[int | None, "How often it was played; null if not counted."]


# Two underscores in a class would be mangled.
_Counted = TypedDict(
    "_Counted", {"__playcount": Annotated[int, "How many players have played it."]}
)


class CountedChart(ChartDocument, _Counted):
    """A chart, and how many players have played it."""


class ChartListing(TypedDict):
    """Charts with their songs."""

    charts: list[CountedChart]
    songs: list[SongDocument]


def found_charts(
    charts: QuerySet[Chart], gpts: Iterable[str], *, counted: bool = True
) -> dict[str, list[FoundChart]]:
    """Game and playtype → the charts in it, in their order; four statements."""
    found: dict[str, list[FoundChart]] = {gpt: [] for gpt in gpts}
    places = list(charts.values_list("pk", "game", "playtype", "song"))
    songs = _songs({song for *_, song in places})
    pks = [pk for pk, *_ in places]
    plays = _plays(pks) if counted else {}
    documents = zip(places, chart_documents(charts), strict=True)
    for (pk, game, playtype, song), document in documents:
        found[f"{game}:{playtype}"].append(
            {
                "song": songs[song],
                "chart": document,
                "playcount": plays.get(pk, 0) if counted else None,
            }
        )
    return found


def popular_charts(charts: QuerySet[Chart], most: int = 100) -> ChartListing:
    """Those of the charts that most players have played, with their songs; four
    statements.
    """
    bests = PersonalBest.objects.filter(chart__in=charts.order_by())
    counted = bests.values_list("chart").annotate(players=Count("user"))
    players = dict(counted.order_by("-players", "chart")[:most])
    if len(players) < most:
        unplayed = charts.exclude(pk__in=players).order_by("pk")
        for pk in unplayed.values_list("pk", flat=True)[: most - len(players)]:
            players.setdefault(pk, 0)
    shown = Chart.objects.filter(pk__in=players).order_by("pk")
    pks = shown.values_list("pk", "song")
    documents: dict[int, CountedChart] = {}
    songs = set()
    for (pk, song), document in zip(pks, chart_documents(shown), strict=True):
        documents[pk] = {**document, "__playcount": players[pk]}
        songs.add(song)
    ordered = [documents[pk] for pk in players if pk in documents]
    return {"charts": ordered, "songs": list(_songs(songs).values())}


def without_2dxtra(charts: QuerySet[Chart]) -> QuerySet[Chart]:
    """The charts without those that are not the game's own (of IIDX)."""
    own = Q(data__2dxtraSet=None) | Q(data__2dxtraSet__isnull=True)
    return charts.filter(own)


def _songs(pks: Collection[int]) -> dict[int, SongDocument]:
    songs = Song.objects.filter(pk__in=pks).order_by("pk")
    return dict(
        zip(songs.values_list("pk", flat=True), song_documents(songs), strict=True)
    )


def _plays(pks: Collection[int]) -> dict[int, int]:
    """Chart → how many scores there are on it."""
    counts: dict[int, int] = defaultdict(int)
    scores = Score.objects.filter(chart__in=pks).values_list("chart")
    counts.update(scores.annotate(count=Count("user")).order_by())
    return counts
