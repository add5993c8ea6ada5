from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.matching import Name, NoMatch, match
from imports.matching.numbers import canonical_number, safe_integer
from scores.games import get_game
from scores.models import Chart, Song
from scores.seeds.identifiers import chart_identifiers, fold, song_identifiers
from tests import factories

pytestmark = pytest.mark.django_db
SDVX = get_game("sdvx:Single")
IIDX = get_game("iidx:SP")


def make_song(song_id=1, title="Song", artist="Artist", game="sdvx", **rest):
    told = {"song_id": song_id, "title": title, "artist": artist}
    return factories.make_song(game, **told, **rest)


def make_chart(song=None, difficulty="EXH", in_game_id=1, playtype="Single", **rest):
    song = song or Song.objects.first() or make_song()
    told = {"versions": ["exceed"], "data": {"inGameID": in_game_id}, **rest}
    return factories.make_chart(
        song.game, playtype, song=song, difficulty=difficulty, **told
    )


def find(match_type, identifier, difficulty="EXH", game=SDVX, version=None, **rest):
    [found] = match(game, version, [Name(match_type, identifier, difficulty, **rest)])
    return found


def test_a_song_is_found_by_its_id():
    chart = make_chart(make_song(7))
    assert find("tachiSongID", "7") == chart
    assert find("tachiSongID", "007") == chart


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7.0",
        " 7",
        "7\n",
        "+7",
        "\u0667",
        "1_0",
        pytest.param("9" * 5000, id="long"),
    ],
)
def test_what_is_no_integer_is_no_song_id(text):
    make_chart(make_song(7))
    found = find("tachiSongID", text)
    assert found.type == "InvalidDatapoint"
    assert "Not an integer" in found.message


@pytest.mark.parametrize("text", ["8", "2147483648", "9007199254740991", "-0"])
def test_an_id_that_no_song_has_is_not_found(text):
    make_chart(make_song(7))
    assert find("tachiSongID", text).type == "SongOrChartNotFound"


def test_an_unknown_song_wins_over_a_bad_difficulty():
    make_chart()
    for match_type, identifier in [("tachiSongID", "99"), ("songTitle", "unknown")]:
        for difficulty in (None, "", "NOPE"):
            found = find(match_type, identifier, difficulty)
            assert found.type == "SongOrChartNotFound"


def test_a_bad_difficulty_wins_over_an_unknown_chart():
    for difficulty in (None, "", "NOPE", "ANY_INF "):
        assert find("sdvxInGameID", "99", difficulty).type == "InvalidDatapoint"
        found = find("inGameID", "99", difficulty, game=IIDX)
        assert found.type == "InvalidDatapoint"


def test_a_title_is_found_whatever_its_case():
    chart = make_chart(make_song(title="Ｚero ΣΑΣ ẞ", alt_titles=["別名", "Second"]))
    for title in ("ｚERO σας ß", "別名", "SECOND"):
        assert find("songTitle", title) == chart
    for title in ("ｚERO σας ss", "別", "Secon", "", "%", ".*"):
        assert find("songTitle", title).type == "SongOrChartNotFound"


def test_two_songs_of_a_title_are_told_apart_by_their_artist():
    chart = make_chart(make_song(1, "Same", "Alpha"))
    make_chart(make_song(2, "SAME", "Beta"))
    assert find("songTitle", "Same") == chart
    assert find("songTitle", "same").type == "AmbiguousTitle"
    assert find("songTitle", "same", artist="").type == "AmbiguousTitle"
    assert find("songTitle", "same", artist="ALPHA") == chart
    assert find("songTitle", "same", artist="Gamma").type == "SongOrChartNotFound"


def test_a_song_whose_titles_are_alike_is_one_song():
    chart = make_chart(make_song(title="Same", alt_titles=["SAME", "same"]))
    assert find("songTitle", "same") == chart


def test_songs_of_other_games_are_not_looked_at():
    make_chart(make_song(1, "Same", game="iidx"), "ANOTHER")
    chart = make_chart(make_song(1, "Same"))
    assert find("songTitle", "same") == chart
    assert find("tachiSongID", "1") == chart
    assert find("sdvxInGameID", "1") == chart


def test_without_a_version_only_the_primary_chart_is_meant():
    old = make_chart(is_primary=False, versions=["gw"])
    new = make_chart(versions=["exceed", "konaste"])
    assert find("sdvxInGameID", "1") == new
    assert find("sdvxInGameID", "1", version="") == new
    assert find("sdvxInGameID", "1", version="gw") == old
    assert find("tachiSongID", "1", version="gw") == old
    assert find("tachiSongID", "1", version="konaste") == new
    assert find("tachiSongID", "1", version="booth").type == "SongOrChartNotFound"


@pytest.mark.parametrize("match_type", ["sdvxInGameID", "tachiSongID", "songTitle"])
def test_a_version_ahead_of_the_game_is_told_and_waited_for(match_type):
    chart = make_chart(versions=["exceed"])
    name = chart.song.title if match_type == "songTitle" else "1"
    found = find(match_type, name, version="nabla")
    assert found.type == "SongOrChartNotFound"
    assert found.message.startswith("Unknown version nabla of SOUND VOLTEX. There are:")
    assert "exceed" in found.message
    assert "nabla" not in find(match_type, "404", version="nabla").message[:22]
    Chart.objects.filter(pk=chart.pk).update(versions=["exceed", "nabla"])
    assert find(match_type, name, version="nabla") == chart


@pytest.mark.parametrize("difficulty", ["INF", "GRV", "HVN", "VVD", "XCD"])
def test_any_inf_is_each_of_the_infinite_difficulties(difficulty):
    make_chart(difficulty="MXM")
    chart = make_chart(difficulty=difficulty)
    assert find("sdvxInGameID", "1", "ANY_INF") == chart
    assert find("tachiSongID", "1", "ANY_INF").type == "InvalidDatapoint"


def test_any_inf_is_neither_maximum_nor_ultimate():
    make_chart(difficulty="MXM")
    make_chart(difficulty="ULT")
    assert find("sdvxInGameID", "1", "ANY_INF").type == "SongOrChartNotFound"


def test_of_several_charts_the_one_stored_first_is_meant():
    first = make_chart(in_game_id=5)
    second = make_chart(in_game_id=[4, 5])
    assert find("sdvxInGameID", "5") == first
    assert find("sdvxInGameID", "4") == second


def playing(game, playtype, *match_types):
    return replace(
        IIDX,
        name=game,
        playtype=playtype,
        match_types=match_types,
        difficulties=("CHART",),
    )


def make_hashed_chart(game, playtype, **data):
    song = Song.objects.filter(game=game).first() or make_song(game=game)
    return make_chart(song, "CHART", playtype=playtype, is_primary=False, data=data)


def test_a_bms_hash_is_looked_up_in_the_game_of_the_import():
    seven = make_hashed_chart("bms", "7K", hashMD5="md5", hashSHA256="sha")
    nine = make_hashed_chart("pms", "Keyboard", hashMD5="md5", hashSHA256="sha")
    bms = playing("bms", "7K", "bmsChartHash")
    pms = playing("pms", "Keyboard", "bmsChartHash")
    for text in ("md5", "sha"):
        assert find("bmsChartHash", text, None, bms) == seven
        assert find("bmsChartHash", text, None, pms, version="any") == nine
    assert find("bmsChartHash", "MD5", None, bms).type == "SongOrChartNotFound"


def test_a_bms_hash_of_another_playtype_is_the_senders_mistake():
    make_hashed_chart("bms", "14K", hashMD5="md5")
    bms = playing("bms", "7K", "bmsChartHash")
    assert find("bmsChartHash", "md5", None, bms).type == "InvalidDatapoint"
    chart = make_hashed_chart("bms", "7K", hashMD5="md5")
    assert find("bmsChartHash", "md5", None, bms) == chart


@pytest.mark.parametrize(
    ("match_type", "kind"),
    [
        ("itgChartHash", "hashGSv3"),
        ("uscChartHash", "hashSHA1"),
        ("popnChartHash", "hashSHA256"),
    ],
)
def test_a_chart_hash_may_be_one_of_a_list(match_type, kind):
    make_hashed_chart("usc", "Keyboard", **{kind: "second"})
    chart = make_hashed_chart("usc", "Controller", **{kind: ["first", "second"]})
    game = playing("usc", "Controller", match_type)
    assert find(match_type, "second", None, game) == chart
    assert find(match_type, "third", None, game).type == "SongOrChartNotFound"


def test_a_ddr_song_is_found_by_its_hash():
    song = make_song(1, game="ddr", data={"ddrSongHash": "abc"})
    chart = make_chart(song, "CHART", playtype="SP")
    single = playing("ddr", "SP", "ddrSongHash")
    double = playing("ddr", "DP", "ddrSongHash")
    assert find("ddrSongHash", "abc", "CHART", single) == chart
    assert find("ddrSongHash", "abc", "CHART", double).type == "SongOrChartNotFound"
    assert find("ddrSongHash", "abd", "CHART", single).type == "SongOrChartNotFound"
    assert find("ddrSongHash", "abd", "NOPE", single).type == "InvalidDatapoint"
    make_song(2, game="ddr", data={"ddrSongHash": "no charts"})
    assert find("ddrSongHash", "no charts", "CHART", single).type == "InternalError"


def test_a_text_id_is_matched_exactly():
    song = make_song(game="arcaea")
    chart = make_chart(song, "CHART", playtype="Touch", data={"inGameStrID": "axiom"})
    game = playing("arcaea", "Touch", "inGameStrID")
    assert find("inGameStrID", "axiom", "CHART", game) == chart
    assert find("inGameStrID", "Axiom", "CHART", game).type == "SongOrChartNotFound"


def test_an_unsupported_match_type_says_what_to_use():
    assert find("inGameID", "1") == NoMatch(
        "InvalidDatapoint",
        "Cannot use matchType inGameID for SOUND VOLTEX. Use 'sdvxInGameID' instead.",
    )
    assert "Expected any of" in find("itgChartHash", "abc").message


def test_each_row_gets_its_own_answer_in_order():
    charts = [make_chart(make_song(i), in_game_id=i) for i in (1, 2, 3)]
    names = [Name("sdvxInGameID", text, "EXH") for text in ("3", "x", "1", "9", "3")]
    found = match(SDVX, None, names)
    assert [found[0], found[2], found[4]] == [charts[2], charts[0], charts[2]]
    assert found[1].type == found[3].type == "SongOrChartNotFound"
    assert found[0] is found[4]


def test_a_chart_that_is_named_in_several_ways_is_one_object():
    make_chart(make_song(7, "Song"), in_game_id=70)
    ways = [("tachiSongID", "7"), ("songTitle", "song"), ("sdvxInGameID", "70")]
    by_id, by_title, in_game = match(SDVX, None, [Name(*way, "EXH") for way in ways])
    assert by_id is by_title is in_game


@pytest.mark.parametrize("match_type", ["tachiSongID", "songTitle", "sdvxInGameID"])
def test_the_number_of_queries_does_not_depend_on_the_rows(match_type):
    for i in range(30):
        make_chart(make_song(i, str(i)), in_game_id=i)
    names = [Name(match_type, str(i), "EXH") for i in range(30)] * 30
    with CaptureQueriesContext(connection) as captured:
        found = match(SDVX, None, names)
    assert all(isinstance(each, Chart) for each in found)
    assert len(captured) == 1


def test_names_are_looked_up_by_the_thousand():
    make_chart()
    names = [Name("sdvxInGameID", str(i), "EXH") for i in range(2500)]
    with CaptureQueriesContext(connection) as captured:
        match(SDVX, None, names)
    assert len(captured) == 3


def test_nothing_named_asks_nothing():
    with CaptureQueriesContext(connection) as captured:
        assert match(SDVX, None, []) == []
        assert find("itgChartHash", "abc").type == "InvalidDatapoint"
    assert len(captured) == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1001", "1001"),
        (" 1001\u00a0\ufeff", "1001"),
        ("", "0"),
        ("-0", "0"),
        ("0x3e9", "1001"),
        ("0B11", "3"),
        ("0o17", "15"),
        ("1001.0", "1001"),
        ("1.001e3", "1001"),
        ("01001", "1001"),
        ("+5", "5"),
        (".5", "0.5"),
        ("1_001", None),
        ("\u0663", None),
        ("1,001", None),
        ("-0x1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        pytest.param("0x" + "f" * 1000, None, id="huge"),
        ("\x1c1", None),
        ("1001n", None),
    ],
)
def test_texts_are_the_numbers_that_javascript_reads(text, number):
    assert canonical_number(text) == number


def test_an_integer_is_ascii_digits_within_two_to_the_53():
    assert safe_integer("9007199254740991") == 2**53 - 1
    assert safe_integer("-" + "0" * 5000 + "1") == -1
    assert safe_integer("-0") == 0
    assert safe_integer("9007199254740992") is None
    assert safe_integer("--1") is None


@pytest.mark.parametrize(
    "character",
    ["\u00df", "\u0130", "\ufb01", "\u0149", "\u03c2", "\u1e9e", "\u212a", "\u1f88"],
)
def test_folding_keeps_the_number_of_characters(character):
    folded = fold(f"A{character}z")
    assert len(folded) == 3
    assert folded == fold(f"a{fold(character)}Z")


def test_identifiers_of_a_song_are_its_titles_and_hashes():
    song = Song(title="One", alt_titles=["ONE", "Two"], data={"ddrSongHash": "abc"})
    assert song_identifiers(song) == [
        ("title", "one"),
        ("title", "two"),
        ("ddrSongHash", "abc"),
    ]


def test_identifiers_of_a_chart_are_the_ids_and_hashes_in_its_data():
    data = {
        "inGameID": [1, 2.0, 1],
        "hashSHA256": None,
        "hashSHA1": "abc",
        "notecount": 1000,
    }
    assert chart_identifiers(Chart(data=data)) == [
        ("inGameID", "1"),
        ("inGameID", "2"),
        ("hashSHA1", "abc"),
    ]
