"""Identifiers of songs and charts in what is imported: the rows of ChartIdentifier.

An import is matched by these pairs of kind and value only, so whatever writes songs and
charts must write their identifiers too. Numbers are stored as JavaScript prints them.
"""

from hashlib import sha1

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

MADE_BY = "hashSHA256"  # what a chart that players made is known by


def made_chart_id(game: str, playtype: str, sha256: str) -> str:
    """The chart id of a chart that players make; seeds have other ones."""
    identity = f"{game}:{playtype}:{sha256}"
    return sha1(identity.encode(), usedforsecurity=False).hexdigest()


def song_identifiers(song: Song) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a song: its folded titles, and hashes in its data."""
    titles = dict.fromkeys(map(fold, (song.title, *song.alt_titles)))
    return [(TITLE, title) for title in titles] + _named(SONG_KINDS, song.data)


def chart_identifiers(chart: Chart) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a chart: the ids and hashes in its data."""
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
    """The pairs of these kinds that the data has; a value may be a list of values."""
    pairs: dict[tuple[str, str], None] = {}
    for kind in kinds:
        value = data.get(kind)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                pairs[kind, text(one)] = None
    return list(pairs)
