"""What `load_seeds` did, in lines for people, and as JSON (docs/operating.md)."""

from collections.abc import Iterable, Iterator
from typing import Any

from scores.seeds.ambiguous import Ambiguous
from scores.seeds.listing import ChartName
from scores.seeds.load import Loaded, SongName, Written
from tachi.admin.formatting import count_of, in_one_line

LISTED = 50  # lines of one kind, of a game


def summary(loaded: Loaded) -> Iterator[str]:
    """A line of what was done in a game, and one for each thing to look at."""
    game, listing = loaded.game, loaded.listing
    yield f"{game}: songs {counted(loaded.songs)}, charts {counted(loaded.charts)}"
    if listing.retired:
        charts = count_of(len(listing.retired), "chart")
        them = "it" if len(listing.retired) == 1 else "them"
        told = "retired, not in the file any more: scores on"
        yield f"{game}: {charts} {told} {them} stay"
    if listing.listed_again:
        yield f"{game}: {count_of(len(listing.listed_again), 'chart')} listed again"
    if new := sum(each.new for each in loaded.ambiguous):
        names = count_of(new, "name")
        yield f"{game}: {names} in it may mean several songs or charts (--verbose)"


def details(loaded: Loaded) -> Iterator[str]:
    """A line for each song, chart and ambiguous name, of each kind a few."""
    songs, charts, listing = loaded.songs, loaded.charts, loaded.listing
    yield from _some("created song", map(_song_text, songs.created))
    yield from _some("changed song", _changed(songs, _song_text))
    yield from _some("created chart", map(_chart_text, charts.created))
    yield from _some("changed chart", _changed(charts, _chart_text))
    yield from _some("retired chart", map(_chart_text, listing.retired.values()))
    again = map(_chart_text, listing.listed_again.values())
    yield from _some("chart listed again", again)
    yield from _some("ambiguous", map(_ambiguous_text, loaded.ambiguous))
    if loaded.scores:
        scores = count_of(loaded.scores, "score")
        players = count_of(loaded.players, "player")
        yield f"  {scores} of {players} on changed charts to be rated again"


def as_document(loaded: Loaded) -> dict[str, Any]:
    """What was done in a game, in full."""
    listing = loaded.listing
    return {
        "game": loaded.game,
        "songs": _written(loaded.songs, _song),
        "charts": {
            **_written(loaded.charts, _chart),
            "retired": list(map(_chart, listing.retired.values())),
            "listedAgain": list(map(_chart, listing.listed_again.values())),
        },
        "ambiguous": [
            {
                "kind": each.kind,
                "value": each.value,
                "playtype": each.playtype or None,
                "difficulty": each.difficulty or None,
                "songs": each.songs,
                "charts": each.charts,
                "new": each.new,
            }
            for each in loaded.ambiguous
        ],
        "toRate": {"scores": loaded.scores, "players": loaded.players},
    }


def counted(written: Written) -> str:
    """As in "12 (1 created, 2 changed, 9 unchanged)"."""
    created, changed = len(written.created), len(written.changed)
    total = created + changed + written.unchanged
    return (
        f"{total} ({created} created, {changed} changed, {written.unchanged} unchanged)"
    )


def _some(what: str, lines: Iterable[str]) -> Iterator[str]:
    count = 0
    for count, line in enumerate(lines, 1):
        if count <= LISTED:
            yield f"  {what}: {in_one_line(line)}"
    if count > LISTED:
        yield f"  {what}: {count - LISTED:,} more (--json has all)"


def _changed(written: Written, text: Any) -> Iterator[str]:
    for name, fields in written.changed:
        yield f"{text(name)}: {', '.join(fields)}"


def _song_text(song: SongName) -> str:
    return f"{song.id} {song.title}"


def _chart_text(chart: ChartName) -> str:
    place = f"{chart.playtype} {chart.difficulty}"
    return f"{chart.chart_id} {chart.title} ({place}, song {chart.song_id})"


def _ambiguous_text(name: Ambiguous) -> str:
    place = f" ({' '.join(filter(None, (name.playtype, name.difficulty)))})"
    owners = f"songs {_first(name.songs)}" if name.songs else _first(name.charts)
    return f"{name.kind} {name.value!r}{place if name.playtype else ''}: {owners}"


def _first(ids: list[Any]) -> str:
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(map(str, ids[:5])) + more


def _written(written: Written, document: Any) -> dict[str, Any]:
    return {
        "created": list(map(document, written.created)),
        "changed": [
            {**document(name), "fields": fields} for name, fields in written.changed
        ],
        "unchanged": written.unchanged,
    }


def _song(song: SongName) -> dict[str, Any]:
    return {"id": song.id, "title": song.title}


def _chart(chart: ChartName) -> dict[str, Any]:
    return {
        "chartID": chart.chart_id,
        "songID": chart.song_id,
        "title": chart.title,
        "playtype": chart.playtype,
        "difficulty": chart.difficulty,
    }
