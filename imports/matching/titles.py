"""Songs by their titles: each comparison is tried where those before it find nothing.

So whatever a strict one finds is found by it, and a coarse one never makes of one song
two.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from imports.failures import FailureType
from imports.matching.catalogue import Catalogue, SongRow
from imports.matching.names import Name, NoMatch, not_found, quoted
from scores.rules.game import Game
from scores.seeds.identifiers import PLAIN_TITLE, TITLE, WIDE_TITLE
from scores.seeds.titles import fold, plain_title, wide_title

MOST_SONGS = 5  # of one title, that a message names


class Comparison(NamedTuple):
    """A kind of identifier, and what a title becomes in it: None is found nowhere."""

    kind: str
    value: Callable[[str], str | None]


#: As people write titles.
WRITTEN = (Comparison(TITLE, fold), Comparison(WIDE_TITLE, wide_title))
#: As official sites rewrite them.
REWRITTEN = (*WRITTEN, Comparison(PLAIN_TITLE, plain_title))
#: Which of the songs of that title a name means, titles compared like that.
Choose = Callable[[Comparison, list[SongRow], Name], list[SongRow]]


def any_song(_: Comparison, songs: list[SongRow], name: Name) -> list[SongRow]:
    """The title alone counts."""
    return songs


def of_artist(compared: Comparison, songs: list[SongRow], name: Name) -> list[SongRow]:
    """Those of the name's artist, if it says one."""
    artist = compared.value(name.artist) if name.artist else None
    if artist is None:
        return songs
    return [song for song in songs if compared.value(song.artist) == artist]


def songs_titled(
    catalogue: Catalogue, name: Name, how: Sequence[Comparison], choose: Choose
) -> list[SongRow]:
    """The songs that a name means, by the first comparison that finds any.

    Those that it asks of the catalogue have been looked up: see `still_to_look_up`.
    """
    for compared in how:
        value = compared.value(name.identifier)
        if value is not None:
            found = catalogue.songs(compared.kind, value)
            if songs := choose(compared, found, name):
                return songs
    return []


def still_to_look_up(
    catalogue: Catalogue, name: Name, how: Sequence[Comparison], choose: Choose
) -> tuple[str, str] | None:
    """The kind and value that a name has to be looked up by next, if by any.

    None once a comparison has found a song, or all were tried.
    """
    for compared in how:
        value = compared.value(name.identifier)
        if value is None:
            continue
        if not catalogue.has_looked_up(compared.kind, value):
            return compared.kind, value
        if choose(compared, catalogue.songs(compared.kind, value), name):
            return None
    return None


def titled_exactly(songs: list[SongRow], name: Name) -> list[SongRow]:
    """Those whose title is spelt just so, among titles alike; all if there is none."""
    title = name.identifier
    return [
        song for song in songs if title == song.title or title in song.alt_titles
    ] or songs


def no_song(catalogue: Catalogue, name: Name, how: Sequence[Comparison]) -> NoMatch:
    """The answer to a title that means no song, or none of that artist."""
    told = f"Cannot find song with title {quoted(name.identifier)}"
    others = songs_titled(catalogue, name, how, any_song)
    if not others or not name.artist:
        return not_found(f"{told}.")
    artists = dict.fromkeys(quoted(song.artist) for song in others[:MOST_SONGS])
    return not_found(
        f"{told} and artist {quoted(name.artist)}: that title is by"
        f" {' or '.join(artists)}."
    )


def several_songs(game: Game, name: Name, songs: Sequence[SongRow]) -> NoMatch:
    """The answer to a title that means more than one song."""
    named = [
        f"{quoted(song.title)} by {quoted(song.artist)} (songID {song.song_id})"
        for song in songs[:MOST_SONGS]
    ]
    more = len(songs) - len(named)
    told = ", ".join(named) + (f" and {more} more" if more else "")
    return NoMatch(
        FailureType.AMBIGUOUS,
        f"The title {quoted(name.identifier)} is that of {len(songs)} songs: {told}."
        f" {_remedy(name, songs)}",
    )


def _remedy(name: Name, songs: Sequence[SongRow]) -> str:
    by_id = "matchType tachiSongID with the songID of the one you mean"
    artists = {wide_title(song.artist) for song in songs}
    if name.match_type == "songTitle" and not name.artist and len(artists) > 1:
        return f"Add the artist, or use {by_id}."
    if name.match_type == "songTitle":
        return f"Use {by_id}."
    return f"Send this score as BATCH-MANUAL: {by_id}."
