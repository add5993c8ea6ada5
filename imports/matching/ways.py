"""The ways of naming a chart that formats use, beside those of BATCH-MANUAL."""

from imports.matching.catalogue import SongRow
from imports.matching.names import Name
from imports.matching.rules import MATCH_TYPES, MatchType, Outcome, Question, the_song
from imports.matching.titles import (
    REWRITTEN,
    any_song,
    no_song,
    songs_titled,
    titled_exactly,
)
from scores.seeds.titles import plain_title

#: A title in a file that a site wrote: as people write it, else as sites rewrite them.
FILE_TITLE = "fileTitle"
WAVE_DASH = "\u301c"


def _by_file_title(question: Question, name: Name) -> Outcome:
    songs = songs_titled(question.catalogue, name, REWRITTEN, any_song)
    if not songs:
        return no_song(question.catalogue, name, REWRITTEN)
    return question.of_listed_first(
        songs, lambda some: the_song(question, name, _narrowed(some, name))
    )


def _narrowed(songs: list[SongRow], name: Name) -> list[SongRow]:
    """Those of exactly this title, or with its wave dashes at least, and of these those
    of its artist; if there are. Sites do not rewrite wave dashes as tildes.
    """
    songs = titled_exactly(songs, name)
    if len(songs) > 1:
        songs = [each for each in songs if _has_dashes_of(each, name)] or songs
    artist = plain_title(name.artist or "")
    of_artist = [
        song for song in songs if artist and plain_title(song.artist) == artist
    ]
    return of_artist or songs


def _has_dashes_of(song: SongRow, name: Name) -> bool:
    dashes = name.identifier.count(WAVE_DASH)
    return any(
        title.count(WAVE_DASH) == dashes for title in (song.title, *song.alt_titles)
    )


#: Every way, by its name. BATCH-MANUAL offers its own ones only, and of them each game
#: what it has; a format uses those it needs.
WAYS = {
    **MATCH_TYPES,
    FILE_TITLE: MatchType((), str, _by_file_title, REWRITTEN, any_song),
}
