"""The ways of naming a chart that formats use, beside those of BATCH-MANUAL."""

from imports.failures import FailureType
from imports.matching.catalogue import WIDE_TITLE, SongRow
from imports.matching.rules import (
    MATCH_TYPES,
    MatchType,
    Name,
    NoMatch,
    Outcome,
    Question,
    chart_of_song,
    not_found,
)
from imports.matching.wide_titles import wide_title
from scores.seeds.identifiers import TITLE, fold

#: A title in a file that a site wrote: as it is, else in another case, else widely.
FILE_TITLE = "fileTitle"


def _by_file_title(question: Question, name: Name) -> Outcome:
    title = fold(name.identifier)
    catalogue = question.catalogue
    songs = catalogue.songs(TITLE, title) or catalogue.songs(WIDE_TITLE, title)
    return question.of_listed_first(
        songs, lambda some: _so_called(question, name, some)
    )


def _so_called(question: Question, name: Name, songs: list[SongRow]) -> Outcome:
    if not songs:
        return not_found(f"Cannot find song with title {name.identifier}.")
    if len(songs) > 1:
        songs = _narrowed(songs, name)
    if len(songs) > 1:
        return NoMatch(
            FailureType.AMBIGUOUS,
            f"Multiple songs exist with the title {name.identifier}: which of them is"
            " meant, its title does not say.",
        )
    return chart_of_song(question, name, songs[0])


def _narrowed(songs: list[SongRow], name: Name) -> list[SongRow]:
    """Those of exactly this title, and of these those of its artist; if there are."""
    title = name.identifier
    exact = [song for song in songs if title in (song.title, *song.alt_titles)]
    songs = exact or songs
    artist = wide_title(name.artist or "")
    of_artist = [song for song in songs if artist and wide_title(song.artist) == artist]
    return of_artist or songs


#: Every way, by its name. BATCH-MANUAL offers its own ones only, and of them each game
#: what it has; a format uses those it needs.
WAYS = {
    **MATCH_TYPES,
    FILE_TITLE: MatchType((TITLE, WIDE_TITLE), fold, _by_file_title),
}
