"""Loading seeds: songs and charts are created and updated from seed files.

Songs and charts that are in no file stay, because there may be scores on them. A load
happens entirely or not at all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.utils import timezone

from scores.copy_rows import chunks, insert
from scores.derived import waiting
from scores.locks import only_change_of_charts
from scores.models import Chart, ChartIdentifier, Song
from scores.seeds.courses import store_courses
from scores.seeds.files import Progress, SeedError, Seeds, place, read, silent
from scores.seeds.identifiers import chart_identifiers, song_identifiers
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


@dataclass(frozen=True)
class Changes:
    """The rows that a load wrote of one model and one game, with primary keys."""

    created: list
    changed: list
    unchanged: int


class Counts(NamedTuple):
    """How many songs or charts of a file were created, changed or the same already."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Loaded:
    """What a load changed in a game; scores on `affected` charts are rated again.

    `version` is the charts version that it made.
    """

    game: str
    songs: Counts
    charts: Counts
    affected: set[int]
    version: datetime


def load(
    directory: str | Path,
    games: Iterable[str] | None = None,
    progress: Progress = silent,
) -> list[Loaded]:
    """Load the seed files of a directory, of these games or of all that it has.

    Who has scores on charts that changed waits to be rated again, which is a job
    (`scores.derived.waiting`); what else follows is asked for (JOBS_AFTER_CHARTS).
    Raises SeedError and changes nothing if anything in the files is wrong.
    """
    return store_all(read(Path(directory), games, progress), progress)


def store_all(seeds: Sequence[Seeds], progress: Progress = silent) -> list[Loaded]:
    """The same with seeds that were read and are well-formed."""
    loaded = []
    with only_change_of_charts():
        for done, each in enumerate(seeds):
            progress(f"Storing {each.game}", done, len(seeds))
            loaded.append(store(each))
        for each_loaded in loaded:
            waiting.wait_for_charts(each_loaded.affected, each_loaded.version)
        # Last, because it locks the jobs' rows.
        waiting.start(wake=not settings.IMPORT_INLINE)
        if any(each.charts.created or each.affected for each in loaded):
            for kind in settings.JOBS_AFTER_CHARTS:
                enqueue(kind, wake=not settings.IMPORT_INLINE)
        progress("Loaded", len(seeds), len(seeds))
    return loaded


def store(seeds: Seeds) -> Loaded:
    """Create and update the songs, charts and identifiers of a game.

    Inside the caller's transaction; the records are well-formed. Raises SeedError for a
    chart without a song, and for one with another playtype than before.
    """
    charts_version = next_charts_version(seeds.game)
    songs = _changes(
        [_song(seeds.game, record) for record in seeds.songs],
        Song.objects.filter(game=seeds.game),
        "song_id",
        SONG_FIELDS,
    )
    _write(songs, "song_id", SONG_FIELDS, song_identifiers)
    charts = _changes(
        _charts(seeds, charts_version),
        Chart.objects.filter(game=seeds.game),
        "chart_id",
        CHART_FIELDS,
    )
    _write(charts, "chart_id", CHART_FIELDS, chart_identifiers)
    store_courses(seeds.game, seeds.courses)
    affected = _affected(songs.changed, charts.changed)
    for some in chunks(affected):
        Chart.objects.filter(pk__in=some).update(changed_at=charts_version)
    return Loaded(seeds.game, _counts(songs), _counts(charts), affected, charts_version)


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


def _counts(changes: Changes) -> Counts:
    return Counts(len(changes.created), len(changes.changed), changes.unchanged)


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


def _charts(seeds: Seeds, charts_version: datetime) -> list[Chart]:
    songs = dict(Song.objects.filter(game=seeds.game).values_list("song_id", "pk"))
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
        chart = _chart(seeds.game, songs[record["songID"]], record)
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


def _changes(
    wanted: Sequence[models.Model],
    stored: models.QuerySet,
    key: str,
    fields: Sequence[str],
) -> Changes:
    """Compare the files with the database, field by field."""
    columns = [stored.model._meta.get_field(name).attname for name in fields]
    values = attrgetter(*columns)
    known = {getattr(each, key): values(each) for each in stored}
    created = [each for each in wanted if getattr(each, key) not in known]
    changed = [
        each
        for each in wanted
        if known.get(getattr(each, key), values(each)) != values(each)
    ]
    return Changes(created, changed, len(wanted) - len(created) - len(changed))


def _write(
    changes: Changes,
    key: str,
    fields: Sequence[str],
    identifiers: Callable[[Any], list[tuple[str, str]]],
) -> None:
    """Insert or update rows by their key, and replace their identifiers."""
    if not (rows := changes.created + changes.changed):
        return
    model = type(rows[0])
    model.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["game", key],
        update_fields=fields,
    )
    owner = model._meta.model_name
    for some in chunks(changes.changed):
        ChartIdentifier.objects.filter(**{f"{owner}__in": some}).delete()
    insert(
        ChartIdentifier,
        ["game", "kind", "value", owner],
        (
            (row.game, kind, value, row.pk)
            for row in rows
            for kind, value in identifiers(row)
        ),
    )
