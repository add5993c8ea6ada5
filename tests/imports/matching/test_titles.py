"""Titles as people write them, in BATCH-MANUAL."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.matching import Name, match
from scores.models import Chart
from tests.imports.matching.test_matching import SDVX, find, make_chart, make_song

pytestmark = pytest.mark.django_db


def titled(song_id, title, artist="Artist", **rest):
    return make_chart(make_song(song_id, title, artist, **rest))


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (" Outer  spaces ", "outer spaces"),
        ("Plain words", " Plain\u00a0\u3000words\n"),
        ("Ａｌｌ　Ｗｉｄｅ！", "all wide!"),
        ("all wide!", "ＡＬＬ　ＷＩＤＥ！"),
        ("Moon \u301c Sun", "moon ~ sun"),
        ("Moon \uff5e Sun", "Moon \u301c Sun"),
        ("Cafe\u0301", "café"),
        ("\u3000", "\u3000"),
    ],
)
def test_a_title_is_found_in_another_way_to_write_it(stored, told):
    chart = titled(1, stored)
    assert find("songTitle", told) == chart
    second = titled(2, "Other", alt_titles=["Ｅｌｓｅ "])
    assert find("songTitle", "else") == second


@pytest.mark.parametrize(
    ("stored", "told"),
    [("Röyal", "Royal"), ("♥", ""), ("\u3000", " "), ("ß", "ss"), ("♥", "?")],
)
def test_another_title_or_none_is_not_found(stored, told):
    titled(1, stored)
    assert find("songTitle", told).type == "SongOrChartNotFound"


def test_the_exact_spelling_decides_then_the_case_then_the_way_to_write_it():
    one, other, spaced = titled(1, "Same"), titled(2, "SAME"), titled(3, "Same ")
    asked = ("Same", "SAME", "same ", "Same ")
    assert [find("songTitle", each) for each in asked] == [one, other, spaced, spaced]
    assert find("songTitle", "same").type == "AmbiguousTitle"
    assert find("songTitle", " same").type == "AmbiguousTitle"


def test_of_two_songs_it_is_told_which_and_what_to_do():
    titled(1, "Moon \u301c", "Alpha")
    chart = titled(2, "Moon \uff5e", "Beta")
    found = find("songTitle", " moon ~")
    assert found == (
        "AmbiguousTitle",
        'The title " moon ~" is that of 2 songs: "Moon \u301c" by "Alpha" (songID 1),'
        ' "Moon \uff5e" by "Beta" (songID 2). Add the artist, or use matchType'
        " tachiSongID with the songID of the one you mean.",
    )
    assert find("songTitle", " moon ~", artist="ＢＥＴＡ ") == chart
    titled(3, "Moon ~", "beta")
    told = find("songTitle", " moon ~", artist=" beta")
    assert told.type == "AmbiguousTitle"
    assert "Add the artist" not in told.message


def test_an_artist_is_compared_as_widely_and_told_when_it_is_another():
    chart = titled(1, "Song", "Some\u3000Body ")
    assert find("songTitle", "Song", artist="some body") == chart
    assert find("songTitle", "Song", artist=" ") == chart
    assert find("songTitle", "Song", artist="Nobody") == (
        "SongOrChartNotFound",
        'Cannot find song with title "Song" and artist "Nobody": that title is by'
        ' "Some\u3000Body ".',
    )


def test_an_endless_title_is_cut_in_its_message():
    found = find("songTitle", "x" * 5000)
    assert found.message == f'Cannot find song with title "{"x" * 100}...".'


def test_only_titles_that_are_not_found_are_looked_up_again_together():
    charts = [titled(i, f"Ｓｏｎｇ {i}") for i in range(20)]
    as_it_is = [Name("songTitle", f"ｓｏｎｇ {i}", "EXH") for i in range(20)]
    wide = [Name("songTitle", f"song {i}", "EXH") for i in range(900)]
    with CaptureQueriesContext(connection) as captured:
        assert match(SDVX, None, as_it_is) == charts
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        found = match(SDVX, None, as_it_is + wide)
    assert found[20:40] == charts
    assert not any(isinstance(each, Chart) for each in found[40:])
    assert len(captured) == 2
