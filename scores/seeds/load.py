"""Loading seeds: songs and charts are created and updated from seed files.

Songs and charts that are in no file stay, because there may be scores on them; charts
become retired (`listing`). A load happens entirely or not at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from scores.copy_rows import chunks
from scores.derived import waiting
from scores.locks import only_change_of_charts
from scores.models import Chart, Song
from scores.seeds.ambiguous import Ambiguous, ambiguous_names
from scores.seeds.changes import Changes, compare, write
from scores.seeds.courses import store_courses
from scores.seeds.files import Progress, SeedError, Seeds, place, read, silent
from scores.seeds.identifiers import chart_identifiers, song_identifiers
from scores.seeds.listing import (
    ChartName,
    Listing,
    compare_listing,
    require_enough,
    store_listing,
)
from tachi.jobs.enqueue import enqueue

SONG_FIELDS = ("title", "artist", "search_terms", "alt_titles", "data")
CHART_FIELDS = (
    "song",
    "playtype",
    "difficulty",
    "level",
    "level_num",
    "is_primary",
    "versions",
    "data",
)


class SongName(NamedTuple):
    """A song as people know it, by its number in the game."""

    id: int
    title: str


@dataclass(frozen=True)
class Written:
    """What became of the songs or charts of a file: names of those that were created,
    and of those that were changed, with the fields; how many were the same already.
    """

    created: list[Any]
    changed: list[tuple[Any, list[str]]]
    unchanged: int

    @property
    def touched(self) -> bool:
        return bool(self.created or self.changed)


@dataclass(frozen=True)
class Loaded:
    """What a load did in a game.

    Scores on `affected` charts are rated again: so many `scores` of so many `players`.
    `version` is the charts version that it made.
    """

    game: str
    songs: Written
    charts: Written
    listing: Listing
    ambiguous: list[Ambiguous]
    affected: set[int]
    version: datetime
    scores: int = 0
    players: int = 0

    @property
    def changes_names(self) -> bool:
        """Whether an orphan may mean a chart now, or another one than before."""
        listing = self.listing
        moved = listing.retired or listing.listed_again
        return bool(self.charts.created or self.affected or moved)


def load(
    directory: str | Path,
    games: Iterable[str] | None = None,
    progress: Progress = silent,
    *,
    allow_missing: bool = False,
) -> list[Loaded]:
    """Load the seed files of a directory, of these games or of all that it has.

    Who has scores on charts that changed waits to be rated again, which is a job
    (`scores.derived.waiting`); what else follows is asked for (JOBS_AFTER_CHARTS).
    Raises SeedError, if anything in the files is wrong, and TooManyMissing, unless
    `allow_missing`; then nothing is changed.
    """
    seeds = read(Path(directory), games, progress)
    return store_all(seeds, progress, allow_missing=allow_missing)


def store_all(
    seeds: Sequence[Seeds], progress: Progress = silent, *, allow_missing: bool = False
) -> list[Loaded]:
    """The same with seeds that were read and are well-formed."""
    loaded = []
    with only_change_of_charts():
        listings = [compare_listing(each) for each in seeds]
        if not allow_missing:
            require_enough(listings)
        for done, (each, listing) in enumerate(zip(seeds, listings, strict=True)):
            progress(f"Storing {each.game}", done, len(seeds))
            stored = store(each, listing)
            counts = waiting.wait_for_charts(stored.affected, stored.version)
            loaded.append(replace(stored, scores=counts[0], players=counts[1]))
        # Last, because it locks the jobs' rows.
        waiting.start(wake=not settings.IMPORT_INLINE)
        if any(each.changes_names for each in loaded):
            for kind in settings.JOBS_AFTER_CHARTS:
                enqueue(kind, wake=not settings.IMPORT_INLINE)
        progress("Loaded", len(seeds), len(seeds))
    return loaded


def store(seeds: Seeds, listing: Listing | None = None) -> Loaded:
    """Create and update the songs, charts and identifiers of a game, and retire charts.

    Inside the caller's transaction; the records are well-formed. Raises SeedError for a
    chart without a song, and for one with another playtype than before.
    """
    game = seeds.game
    listing = listing or Listing(game)
    charts_version = next_charts_version(game)
    songs = compare(
        [_song(game, record) for record in seeds.songs],
        Song.objects.filter(game=game),
        "song_id",
        SONG_FIELDS,
    )
    write(songs, "song_id", SONG_FIELDS, song_identifiers)
    its_songs = {
        song_id: (pk, title)
        for song_id, pk, title in Song.objects.filter(game=game).values_list(
            "song_id", "pk", "title"
        )
    }
    charts = compare(
        _charts(seeds, its_songs, charts_version),
        Chart.objects.filter(game=game),
        "chart_id",
        CHART_FIELDS,
    )
    write(charts, "chart_id", CHART_FIELDS, chart_identifiers)
    store_listing(listing, charts_version)
    store_courses(game, seeds.courses)
    affected = _affected(songs.changed, charts.changed)
    for some in chunks(affected):
        Chart.objects.filter(pk__in=some).update(changed_at=charts_version)
    names = {pk: SongName(number, title) for number, (pk, title) in its_songs.items()}
    return Loaded(
        game,
        _written(songs, [SongName(each.song_id, each.title) for each in songs.written]),
        _written(charts, [_chart_name(each, names) for each in charts.written]),
        listing,
        ambiguous_names(
            game,
            {song.song_id for song in songs.written}
            | {name.song_id for name in listing.listed_again.values()},
            {chart.chart_id for chart in charts.written}
            | {name.chart_id for name in listing.listed_again.values()},
        ),
        affected,
        charts_version,
    )


def next_charts_version(game: str) -> datetime:
    """Now; or just after the last version, where another host's clock was ahead."""
    last = Chart.objects.charts_version(game)
    now = timezone.now()
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _affected(songs: list[Song], charts: list[Chart]) -> set[int]:
    affected = {chart.pk for chart in charts}
    for some in chunks(songs):
        theirs = Chart.objects.filter(song__in=some)
        affected.update(theirs.values_list("pk", flat=True))
    return affected


def _written(changes: Changes, names: list[Any]) -> Written:
    """`names` are those of all rows that were written."""
    created, changed = names[: len(changes.created)], names[len(changes.created) :]
    with_fields = list(zip(changed, changes.fields, strict=True))
    return Written(created, with_fields, changes.unchanged)


def _chart_name(chart: Chart, songs: dict[int, SongName]) -> ChartName:
    song = songs[chart.song_id]
    return ChartName(
        chart.chart_id, song.id, song.title, chart.playtype, chart.difficulty
    )


def _song(game: str, record: dict) -> Song:
    return Song(
        game=game,
        song_id=int(record["id"]),
        title=record["title"],
        artist=record["artist"],
        search_terms=record["searchTerms"],
        alt_titles=record["altTitles"],
        data=record["data"],
    )


def _charts(
    seeds: Seeds, songs: dict[int, tuple[int, str]], charts_version: datetime
) -> list[Chart]:
    playtypes = dict(
        Chart.objects.filter(game=seeds.game).values_list("chart_id", "playtype")
    )
    charts = []
    for index, record in enumerate(seeds.charts):
        where = ("charts", seeds.game, index, record)
        if record["songID"] not in songs:
            raise SeedError(f"{place(*where)}: no song has songID {record['songID']}.")
        had = playtypes.get(record["chartID"], record["playtype"])
        if had != record["playtype"]:
            raise SeedError(f"{place(*where)}: its playtype has been {had} until now.")
        chart = _chart(seeds.game, songs[record["songID"]][0], record)
        chart.changed_at = charts_version
        charts.append(chart)
    return charts


def _chart(game: str, song: int, record: dict) -> Chart:
    return Chart(
        song_id=song,
        game=game,
        playtype=record["playtype"],
        chart_id=record["chartID"],
        difficulty=record["difficulty"],
        level=record["level"],
        level_num=float(record["levelNum"]),
        is_primary=record["isPrimary"],
        versions=record["versions"],
        data=record["data"],
    )
