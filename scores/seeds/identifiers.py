"""Identifiers of songs and charts in what is imported: the rows of ChartIdentifier.

An import is matched by these pairs of kind and value only, so whatever writes songs and
charts must write their identifiers too. Numbers are stored as JavaScript prints them,
hexadecimal hashes in lower case.
"""

import re
from collections.abc import Iterator
from hashlib import sha1

from scores.models import Chart, Song
from scores.rules.javascript import text
from scores.seeds.titles import fold, plain_titles, wide_title

TITLE = "title"
WIDE_TITLE = "wideTitle"
PLAIN_TITLE = "plainTitle"
#: A title is stored under a coarser kind only where it is another one than under those
#: before it: so whoever asks for a kind asks for all of these.
STORED_AS = {
    WIDE_TITLE: (TITLE, WIDE_TITLE),
    PLAIN_TITLE: (TITLE, WIDE_TITLE, PLAIN_TITLE),
}
SONG_KINDS = ("ddrSongHash",)
HASH_KINDS = ("hashMD5", "hashSHA256", "hashGSv3", "hashSHA1")
CHART_KINDS = ("inGameID", "inGameStrID", *HASH_KINDS)

_HEXADECIMAL = re.compile("[0-9a-fA-F]+")

MADE_BY = "hashSHA256"  # what a chart that players made is known by


def made_chart_id(game: str, playtype: str, sha256: str) -> str:
    """The chart id of a chart that players make; seeds have other ones."""
    identity = f"{game}:{playtype}:{sha256}"
    return sha1(identity.encode(), usedforsecurity=False).hexdigest()


def song_identifiers(song: Song) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a song: its titles, and hashes in its data."""
    titles = (song.title, *song.alt_titles)
    names: dict[str, str] = {}  # a value → the first kind that it is of
    for kind, value in _titles(titles):
        names.setdefault(value, kind)
    return [(kind, value) for value, kind in names.items()] + _named(
        SONG_KINDS, song.data
    )


def chart_identifiers(chart: Chart) -> list[tuple[str, str]]:
    """The (kind, value) pairs of a chart: the ids and hashes in its data."""
    return _named(CHART_KINDS, chart.data)


def as_hash(value: str) -> str:
    """A hash as it is stored: of hexadecimal digits, their case says nothing."""
    return value.lower() if _HEXADECIMAL.fullmatch(value) else value


def _titles(titles: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The kinds of titles and the values of each, the strictest kind first."""
    for title in titles:
        yield TITLE, fold(title)
    for title in titles:
        if wide := wide_title(title):
            yield WIDE_TITLE, wide
    for title in titles:
        for plain in plain_titles(title):
            yield PLAIN_TITLE, plain


def _named(kinds: tuple[str, ...], data: dict) -> list[tuple[str, str]]:
    """The pairs of these kinds that the data has; a value may be a list of values."""
    pairs: dict[tuple[str, str], None] = {}
    for kind in kinds:
        value = data.get(kind)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                named = text(one)
                pairs[kind, as_hash(named) if kind in HASH_KINDS else named] = None
    return list(pairs)
