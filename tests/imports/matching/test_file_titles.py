"""What formats call charts, beside the ways of BATCH-MANUAL."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.matching import Name, match
from imports.matching.in_game import InGame, charts_in_game, is_of_the_arcade
from tests.imports.matching.test_matching import IIDX, find, make_chart, make_song

pytestmark = pytest.mark.django_db


def in_file(title, game=IIDX, **rest):
    return find("fileTitle", title, rest.pop("difficulty", "ANOTHER"), game, **rest)


def iidx_chart(song_id, title, artist="Artist", **rest):
    song = make_song(song_id, title, artist, game="iidx", **rest)
    return make_chart(song, "ANOTHER", song_id, "SP", versions=["28"])


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Moon", "moon"),
        ("Röyal Café", "Royal Cafe"),
        ("Aqua, Luna", "Aqua，Luna"),
        ("Two words", " Two\u00a0 words "),
        ("Love♥Shine", "LoveShine"),
        ("Love♥Shine", "Love?Shine"),
        ("Ａｌｌ　Ｗｉｄｅ", "All Wide"),
        ("Ｃａｆｅ", "Café"),  # stored as a wide title: its plain one is the same
        ("Mæstrø", "Maestro"),
        ("\ufffd", "\ufffd"),
        ("7", "7"),
    ],
)
def test_a_title_that_a_site_rewrote_is_found(stored, told):
    chart = iidx_chart(1, stored)
    assert in_file(told) == chart


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Love Shine", "Love?Shine"),
        ("ガラス", "カラス"),
        ("♥", "♥♥"),
        ("\u3000", " "),
        ("Moon", "Moo"),
    ],
)
def test_another_title_is_never_guessed(stored, told):
    iidx_chart(1, stored)
    assert in_file(told).type == "SongOrChartNotFound"


def test_of_titles_alike_the_exact_one_is_meant_and_then_the_artist_tells():
    one, other = iidx_chart(1, "Same"), iidx_chart(2, "SAME")
    first, second = iidx_chart(3, "Twin", "Eta"), iidx_chart(4, "Twin", "Theta")
    assert (in_file("Same"), in_file("SAME")) == (one, other)
    assert in_file("same").type == in_file("Twin").type == "AmbiguousTitle"
    assert in_file("Twin", artist="ETA") == first
    assert in_file("Twin", artist="theta") == second
    assert in_file("Twin", artist="nobody").type == "AmbiguousTitle"


def test_an_arcade_id_never_means_a_chart_of_2dxtra():
    song = make_song(1, "Same", game="iidx")
    data = {"inGameID": 1, "2dxtraSet": "set"}
    fan_made = make_chart(song, "ANOTHER", playtype="SP", data=data)
    assert find("inGameID", "1", "ANOTHER", IIDX) == fan_made
    named = [InGame(1, "SP", "ANOTHER")]

    def of_the_arcade(version=None):
        [found] = charts_in_game("iidx", version, named, is_of_the_arcade)
        return found

    assert of_the_arcade().type == "SongOrChartNotFound"
    old = make_chart(song, "ANOTHER", 1, "SP", versions=["27"], is_primary=False)
    assert of_the_arcade().type == "SongOrChartNotFound"
    chart = make_chart(song, "ANOTHER", 1, "SP", versions=["28"])
    assert (of_the_arcade(), of_the_arcade("27")) == (chart, old)


def test_the_version_of_a_name_counts_instead_of_that_of_the_import():
    song = make_song(1, "Same", game="iidx")
    old = make_chart(song, "ANOTHER", 1, "SP", versions=["3-cs"], is_primary=False)
    new = make_chart(song, "ANOTHER", 1, "SP", versions=["28"])
    asked = [Name("songTitle", "Same", "ANOTHER", None, each) for each in ("3-cs", "")]
    assert match(IIDX, "28", asked) == [old, new]


def test_titles_that_nobody_has_cost_one_query_together():
    charts = [iidx_chart(number, f"Söng {number}") for number in range(5)]
    names = [Name("fileTitle", f"Song {number}", "ANOTHER") for number in range(300)]
    with CaptureQueriesContext(connection) as many:
        found = match(IIDX, None, names)
    assert found[:5] == charts
    assert len(many) <= 4
