"""What a sender is told of a chart that his row does not mean: what, and what to do."""

import pytest

from imports.matching.difficulties import difficulty_meant
from imports.matching.in_game import InGame, charts_in_game
from scores.games import get_game
from tests.imports.matching.test_matching import (
    IIDX,
    find,
    make_chart,
    make_hashed_chart,
    make_song,
    playing,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("gpt", "told", "meant"),
    [
        ("chunithm:Single", "EXP", "EXPERT"),
        ("chunithm:Single", " expert", "EXPERT"),
        ("chunithm:Single", "ULT", "ULTIMA"),
        ("iidx:SP", "Another", "ANOTHER"),
        ("iidx:SP", "SPA", "ANOTHER"),
        ("iidx:DP", "DP LEGGENDARIA", "LEGGENDARIA"),
        ("iidx:SP", "kichiku another", "Kichiku ANOTHER"),
        ("sdvx:Single", "ＥＸＨＡＵＳＴ", "EXH"),
        ("sdvx:Single", "INFINITE", "INF"),
        ("wacca:Single", "INF", "INFERNO"),
        ("maimai:Single", "リマスター", "Re:Master"),
        ("maimaidx:Single", "DX EXP", "DX Expert"),
        ("maimaidx:Single", "Re: MASTER", "Re:Master"),
        ("jubeat:Single", "HARD EXTREME", "HARD EXT"),
        ("gitadora:Gita", "G-EXT", "EXTREME"),
        ("popn:9B", "EXTRA", "EX"),
        ("arcaea:Touch", "FTR", "Future"),
        ("ddr:SP", "チャレンジ", "CHALLENGE"),
        ("museca:Single", "RED", "Red"),
        ("iidx:SP", "BEGINNER", None),
        ("iidx:SP", "♥", None),
    ],
)
def test_a_difficulty_in_another_spelling_is_understood(gpt, told, meant):
    game = get_game(gpt)
    assert difficulty_meant(game, told) == meant
    for difficulty in game.difficulties:
        assert difficulty_meant(game, difficulty) == difficulty
        assert difficulty_meant(game, difficulty.lower()) == difficulty


def test_the_right_difficulty_is_told_and_all_there_are():
    make_chart(make_song(title="Song"))
    found = find("songTitle", "Song", "Exhaust")
    assert found.type == "InvalidDatapoint"
    assert found.message.startswith(
        'Invalid difficulty "Exhaust" for SOUND VOLTEX. Did you mean EXH? There are'
    )
    assert "mean" not in find("songTitle", "Song", "HARDEST").message
    assert "There are NOV, ADV" in find("songTitle", "Song", None).message


def test_a_difficulty_that_the_song_has_not_is_told_with_those_it_has():
    song = make_song(title="Song ")
    for difficulty in ("MXM", "NOV"):
        make_chart(song, difficulty, in_game_id=7)
    for way, name, called in [
        ("songTitle", "song", 'of "Song "'),
        ("sdvxInGameID", "7", 'with inGameID "7"'),
    ]:
        assert find(way, name) == (
            "SongOrChartNotFound",
            f"Cannot find chart {called} (Single EXH): there are NOV, MXM.",
        )


def test_a_known_version_in_which_a_chart_is_not_is_told():
    song = make_song(game="iidx")
    for versions in (["28"], ["27", "3-cs"]):
        make_chart(song, "ANOTHER", 7, "SP", versions=versions, is_primary=False)
    where = "it is in 27, 28, 3-cs."
    for way, name, called in [
        ("songTitle", "Song", 'of "Song"'),
        ("inGameID", "7", 'with inGameID "7"'),
    ]:
        found = find(way, name, "ANOTHER", IIDX, version="29")
        assert found == (
            "SongOrChartNotFound",
            f"Cannot find chart {called} (SP ANOTHER):"
            f" it is not in version 29; {where}",
        )
        found = find(way, name, "ANOTHER", IIDX)
        assert f"not in the present version; {where} Name the version" in found.message
    [found] = charts_in_game("iidx", "29", [InGame(7, "SP", "ANOTHER")])
    assert found.message.endswith(f"it is not in version 29; {where}")
    [found] = charts_in_game("iidx", "99", [InGame(7, "SP", "ANOTHER")])
    assert "there is no version 99" in found.message


@pytest.mark.parametrize(
    ("match_type", "kind", "game", "playtype"),
    [
        ("bmsChartHash", "hashMD5", "bms", "7K"),
        ("bmsChartHash", "hashSHA256", "bms", "7K"),
        ("itgChartHash", "hashGSv3", "itg", "Stamina"),
        ("uscChartHash", "hashSHA1", "usc", "Controller"),
        ("popnChartHash", "hashSHA256", "popn", "9B"),
    ],
)
def test_a_hexadecimal_hash_is_the_same_in_any_case(match_type, kind, game, playtype):
    lower = make_hashed_chart(game, playtype, **{kind: ["0a1b", "ff"]})
    upper = make_hashed_chart(game, playtype, **{kind: "0C1D"})
    told = playing(game, playtype, match_type)
    for text, chart in [("0A1B", lower), ("fF", lower), ("0c1d", upper)]:
        assert find(match_type, text, None, told) == chart
    found = find(match_type, "0E" * 200, None, told)
    assert found.message.startswith('Cannot find chart for hash "0E0E')
    assert len(found.message) < 150
