"""Names that mean several songs or charts of a game: which, nobody can say.

Retired charts do not count: they are meant only where no listed one is.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from scores.copy_rows import chunks
from scores.models import Chart, ChartIdentifier
from scores.seeds.identifiers import CHART_KINDS, SONG_KINDS, TITLE

OF_SONGS = (TITLE, *SONG_KINDS)
#: Kinds that a song's charts share, and its versions: what else tells them apart.
IN_GAME = ("inGameID", "inGameStrID")
HASHES = tuple(kind for kind in CHART_KINDS if kind not in IN_GAME)
APART = {HASHES: ("playtype",), IN_GAME: ("playtype", "difficulty")}


class Ambiguous(NamedTuple):
    """A name, and the songs (their numbers) or charts (their ids) that have it.

    Playtype and difficulty are empty where they do not matter. `new`: the load has
    touched one of them.
    """

    kind: str
    value: str
    playtype: str
    difficulty: str
    songs: list[int]
    charts: list[str]
    new: bool


class _Member(NamedTuple):
    chart_id: str
    is_primary: bool
    versions: list[str]


def ambiguous_names(
    game: str, touched_songs: Collection[int], touched_charts: Collection[str]
) -> list[Ambiguous]:
    """The ambiguous names of a game, whose load has touched songs and charts of these
    numbers and ids.

    Four statements, and one for a thousand ambiguous names.
    """
    found = list(_of_songs(game, touched_songs))
    for kinds, columns in APART.items():
        found += _of_charts(game, kinds, columns, touched_charts)
    return sorted(found)


def _of_songs(game: str, touched: Collection[int]) -> Iterator[Ambiguous]:
    charts = Chart.objects.filter(game=game).values("song")
    listed = charts.annotate(listed=Count("pk", filter=Q(retired_at=None)))
    retired = set(listed.filter(listed=0).values_list("song", flat=True))
    names = ChartIdentifier.objects.filter(game=game, kind__in=OF_SONGS)
    songs: dict[tuple[str, str], set[int]] = defaultdict(set)
    for some in chunks(_several(names)):
        members = names.filter(value__in=some)
        columns = ("kind", "value", "song__song_id", "song")
        for kind, value, song_id, pk in members.values_list(*columns):
            if pk not in retired:
                songs[kind, value].add(song_id)
    for (kind, value), of_name in songs.items():
        if len(of_name) > 1:
            new = any(song_id in touched for song_id in of_name)
            yield Ambiguous(kind, value, "", "", sorted(of_name), [], new)


def _of_charts(
    game: str, kinds: Sequence[str], apart: Sequence[str], touched: Collection[str]
) -> Iterator[Ambiguous]:
    names = ChartIdentifier.objects.filter(
        game=game, kind__in=kinds, chart__isnull=False, chart__retired_at=None
    )
    columns = [f"chart__{name}" for name in apart]
    charts: dict[tuple[str, ...], dict[str, _Member]] = defaultdict(dict)
    for some in chunks(_several(names, *columns)):
        members = names.filter(value__in=some)
        of_chart = ("chart__chart_id", "chart__is_primary", "chart__versions")
        rows = members.values_list("kind", "value", *columns, *of_chart)
        for *key, chart_id, is_primary, versions in rows:
            charts[tuple(key)][chart_id] = _Member(chart_id, is_primary, versions)
    for key, of_name in charts.items():
        together = list(of_name.values())
        if kinds == IN_GAME:
            together = _of_one_version(together)
        if len(together) > 1:
            new = any(each.chart_id in touched for each in together)
            kind, value, playtype, *difficulty = key
            ids = sorted(each.chart_id for each in together)
            yield Ambiguous(kind, value, playtype, "".join(difficulty), [], ids, new)


def _several(names: QuerySet[ChartIdentifier], *columns: str) -> list[str]:
    """The values that several rows have, of the same kind and in the same columns."""
    groups = names.values("kind", "value", *columns).annotate(count=Count("pk"))
    several = groups.filter(count__gt=1).order_by("value")
    return list(dict.fromkeys(several.values_list("value", flat=True)))


def _of_one_version(charts: list[_Member]) -> list[_Member]:
    """Those with another one in some version, or without one: then primary ones are."""
    primary = sum(each.is_primary for each in charts)
    versions = Counter(version for each in charts for version in each.versions)
    return [
        each
        for each in charts
        if (each.is_primary and primary > 1)
        or any(versions[version] > 1 for version in each.versions)
    ]
