"""The names by which sources mean a song or a chart: the rows of ChartIdentifier.

Matching an import asks for these pairs of kind and value and nothing else, so
whoever writes songs and charts must write their identifiers with them. Numbers are
kept as JavaScript prints them.
"""

from scores.models import Chart, Song
from scores.rules.javascript import text

TITLE = "title"
SONG_KINDS = ("ddrSongHash",)
CHART_KINDS = (
    "inGameID",
    "inGameStrID",
    "hashMD5",
    "hashSHA256",
    "hashGSv3",
    "hashSHA1",
)


def song_identifiers(song: Song) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a song: its folded titles, and hashes in its data."""
    titles = dict.fromkeys(map(fold, (song.title, *song.alt_titles)))
    return [(TITLE, title) for title in titles] + _named(SONG_KINDS, song.data)


def chart_identifiers(chart: Chart) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a chart: ids and hashes in its data, lists spread."""
    return _named(CHART_KINDS, chart.data)


def fold(title: str) -> str:
    """The title with case ignored one character to one: "ß" does not become "ss".

    Unicode's simple case folding, as in JavaScript's regular expressions (flags
    "iu"): the length never changes, "ẞ" becomes "ß", and "İ" stays itself.
    """
    folded = title.casefold()
    if len(folded) == len(title):
        return folded
    return "".join(map(_fold_character, title))


def _fold_character(character: str) -> str:
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character


def _named(kinds: tuple[str, ...], data: dict) -> list[tuple[str, str]]:
    """Pairs of those kinds that the data has; a value may be a list of several."""
    pairs = {}
    for kind in kinds:
        value = data.get(kind)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                pairs[kind, text(one)] = None
    return list(pairs)
