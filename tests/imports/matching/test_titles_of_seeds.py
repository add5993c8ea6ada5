"""Titles of the real seeds are found as the original finds them, and more widely."""

import unicodedata
from collections import defaultdict

import pytest

from imports.matching import Name
from imports.matching.titles import (
    REWRITTEN,
    WRITTEN,
    any_song,
    of_artist,
    songs_titled,
    titled_exactly,
)
from scores.games import PLAYTYPES
from scores.models import Song
from scores.seeds.identifiers import STORED_AS, song_identifiers
from scores.seeds.titles import fold, wide_title
from tests.shared_data import needs_shared_data, shared_json

pytestmark = [needs_shared_data, pytest.mark.slow]


class InMemory:
    """A catalogue of all songs of a game, by the identifiers that are stored."""

    def __init__(self, songs):
        self.by_name = defaultdict(list)
        for song in songs:
            for name in song_identifiers(song):
                self.by_name[name].append(song)

    def songs(self, kind, value):
        kinds = STORED_AS.get(kind, (kind,))
        return [song for each in kinds for song in self.by_name.get((each, value), ())]


def songs_of(game):
    for each in shared_json(f"seeds/collections/songs-{game}.json"):
        alt_titles = each["altTitles"]
        yield Song(each["id"], game, each["id"], each["title"], "", [], alt_titles)


def found(catalogue, title, how=WRITTEN, choose=of_artist):
    songs = songs_titled(catalogue, Name("songTitle", title), how, choose)
    return {song.pk for song in titled_exactly(songs, Name("songTitle", title))}


def other_spellings(title):
    yield " ".join(title.split())
    yield f"  {title}\u3000"
    yield unicodedata.normalize("NFKC", title)
    yield title.replace("\u301c", "\uff5e").replace("~", "\u301c")


@pytest.mark.parametrize("game", PLAYTYPES)
def test_every_title_is_found_as_it_was_and_as_people_write_it(game):
    catalogue = InMemory(songs_of(game))
    before, widely = defaultdict(set), defaultdict(set)
    for song in songs_of(game):
        for title in (song.title, *song.alt_titles):
            before[fold(title)].add(song.pk)
            widely[wide_title(title)].add(song.pk)
    for song in songs_of(game):
        for title in (song.title, *song.alt_titles):
            was, now = before[fold(title)], found(catalogue, title)
            assert song.pk in now
            assert now <= was
            assert found(catalogue, title, REWRITTEN, any_song) == now
            if len(was) == 1 == len(widely[wide_title(title)]) and wide_title(title):
                for spelling in other_spellings(title):
                    assert found(catalogue, spelling) == was, spelling
