"""Charts that are in no seeds: made of what players' clients say of them.

Their songs have numbers above those of seed files, which may go on counting. A chart
that is made is a fact and stays, whatever becomes of the scores on it.
"""

from typing import Any, NamedTuple

from django.db.models import Max

from scores.games import get_game
from scores.models import Chart, ChartIdentifier, Song, listed_first
from scores.seeds.identifiers import (
    MADE_BY,
    as_hash,
    chart_identifiers,
    made_chart_id,
    song_identifiers,
)
from scores.seeds.load import next_charts_version

FIRST_SONG_ID = 1_000_000_000


class ToldOfChart(NamedTuple):
    """What is known of a be-music chart; texts may be empty."""

    game: str
    playtype: str
    sha256: str
    md5: str
    notecount: int
    title: str
    subtitle: str
    genre: str
    artist: str
    subartist: str


def find(game: str, playtype: str | None, sha256: str) -> Chart | None:
    """The chart of that hash, in any case, in a playtype or in any; retired only if all
    are.
    """
    value = as_hash(sha256)
    names = ChartIdentifier.objects.filter(game=game, kind=MADE_BY, value=value)
    names = names.filter(chart__playtype=playtype) if playtype else names
    charts = [name.chart for name in names.select_related("chart__song") if name.chart]
    return min(charts, key=listed_first, default=None)


def add_chart(told: ToldOfChart) -> Chart:
    """Make a chart, and its song unless another playtype has it; the chart there is, if
    there is one. Inside `scores.locks.only_change_of_charts`.
    """
    known = find(told.game, told.playtype, told.sha256)
    if known is not None:
        return known
    of_other_playtype = find(told.game, None, told.sha256)
    song = of_other_playtype.song if of_other_playtype else _add_song(told)
    chart = Chart.objects.create(
        song=song,
        game=told.game,
        playtype=told.playtype,
        chart_id=made_chart_id(told.game, told.playtype, told.sha256),
        difficulty="CHART",
        level="?",
        level_num=0,
        is_primary=True,
        data=_known_fields(
            get_game(f"{told.game}:{told.playtype}").chart_data,
            notecount=told.notecount,
            hashMD5=told.md5,
            hashSHA256=told.sha256,
            tableFolders=[],
        ),
        changed_at=next_charts_version(told.game),
    )
    _add_names(told.game, chart_identifiers(chart), chart=chart)
    return chart


def _add_song(told: ToldOfChart) -> Song:
    ours = Song.objects.filter(game=told.game, song_id__gte=FIRST_SONG_ID)
    last = ours.aggregate(last=Max("song_id"))["last"]
    song = Song.objects.create(
        game=told.game,
        song_id=FIRST_SONG_ID if last is None else last + 1,
        title=told.title,
        artist=told.artist,
        data=_known_fields(
            get_game(f"{told.game}:{told.playtype}").song_data,
            genre=told.genre or None,
            subtitle=told.subtitle or None,
            subartist=told.subartist or None,
        ),
    )
    _add_names(told.game, song_identifiers(song), song=song)
    return song


def _known_fields(schema: Any, **values: Any) -> dict[str, Any]:
    """Data with the fields of a game's schema; null where nothing is known."""
    return {**dict.fromkeys(schema.fields), **values}


def _add_names(game: str, names: list[tuple[str, str]], **of: Any) -> None:
    ChartIdentifier.objects.bulk_create(
        ChartIdentifier(game=game, kind=kind, value=value, **of)
        for kind, value in names
    )
