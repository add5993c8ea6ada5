"""Of the charts that fit a name, one that is listed goes before a retired one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.matching.hashes import chart_by_hash, charts_by_hash
from imports.matching.in_game import InGame, charts_in_game
from scores.games import get_game
from scores.models import Chart
from scores.seeds.unlisted import find as find_by_sha256
from tests import factories
from tests.imports.matching.test_matching import IIDX, SDVX, find

pytestmark = pytest.mark.django_db
#: How a chart is named → the game, its difficulty, and the data of two such charts.
WAYS = {
    "bmsChartHash": ("bms:7K", "CHART", {"hashMD5": "a", "hashSHA256": "a"}),
    "itgChartHash": ("itg:Stamina", "Expert", {"hashGSv3": "a"}),
    "sdvxInGameID": ("sdvx:Single", "EXH", {"inGameID": 1}),
    "inGameID": ("iidx:SP", "ANOTHER", {"inGameID": 1}),
    "inGameStrID": ("arcaea:Touch", "Future", {"inGameStrID": "a"}),
    "uscChartHash": ("usc:Controller", "EXH", {"hashSHA1": "a"}),
    "popnChartHash": ("popn:9B", "EX", {"hashSHA256": "a"}),
    "tachiSongID": ("sdvx:Single", "EXH", {}),
    "songTitle": ("sdvx:Single", "EXH", {}),
    "fileTitle": ("sdvx:Single", "EXH", {}),
    "ddrSongHash": ("ddr:SP", "EXPERT", {}),
}


def retire(chart):
    Chart.objects.filter(pk=chart.pk).update(retired_at=timezone.now())


def twins(gpt, difficulty, data, **fields):
    """Two charts of two songs, of which the names are the same, but for the number."""
    game, playtype = gpt.split(":")
    told = {"title": "Same", "data": {"ddrSongHash": "a"} if game == "ddr" else {}}
    return [
        factories.make_chart(
            game,
            playtype,
            song=fields.get("song") or factories.make_song(game, **told),
            difficulty=difficulty,
            data=data,
        )
        for _ in range(2)
    ]


@pytest.mark.parametrize("way", WAYS)
def test_in_every_way_of_naming_it(way):
    gpt, difficulty, data = WAYS[way]
    game = get_game(gpt)
    if way not in game.match_types and way != "fileTitle":
        pytest.fail(f"{gpt} is not named by {way}")
    song = factories.make_song(game.name) if way == "tachiSongID" else None
    older, newer = twins(gpt, difficulty, data, song=song)
    named = {"tachiSongID": older.song.song_id, "songTitle": "Same", "ddrSongHash": "a"}
    named |= {"fileTitle": "same"}
    name = str(named.get(way, next(iter(data.values()), None)))

    def found(statements=None):
        with CaptureQueriesContext(connection) as queries:
            chart = find(way, name, difficulty, game)
        assert statements in (None, len(queries))
        return chart, len(queries)

    first, statements = found()
    assert first == older or first.type == "AmbiguousTitle"
    retire(older)
    assert found(statements)[0] == newer
    retire(newer)
    last = found(statements)[0]
    assert last == older or last.type == "AmbiguousTitle"


def test_as_hooks_name_it():
    older, newer = twins("usc:Controller", "EXH", {"hashSHA1": "a"})
    retire(older)
    assert chart_by_hash("usc", "Controller", "hashSHA1", "a") == newer
    assert charts_by_hash("usc", ["hashSHA1"], ["a"]) == {"a": [newer, older]}
    older, newer = twins("sdvx:Single", "EXH", {"inGameID": 1})
    retire(older)
    assert charts_in_game("sdvx", None, [InGame(1, "Single", "EXH")]) == [newer]
    older, newer = twins("bms:7K", "CHART", {"hashSHA256": "a"})
    retire(older)
    assert find_by_sha256("bms", "7K", "a") == newer
    retire(newer)
    assert find_by_sha256("bms", None, "a") == older


def test_a_retired_chart_that_fits_goes_before_a_listed_one_that_does_not():
    older, newer = twins("sdvx:Single", "EXH", {"inGameID": 1})
    retire(older)
    Chart.objects.filter(pk=newer.pk).update(is_primary=False, versions=["gw"])
    assert find("sdvxInGameID", "1") == older
    assert find("songTitle", "same") == older
    assert find("songTitle", "same", version="gw") == newer
    assert find("songTitle", "same", "NOPE", SDVX).type == "InvalidDatapoint"


def test_a_song_without_charts_is_not_retired():
    [one, other] = twins("iidx:SP", "ANOTHER", {})
    Chart.objects.filter(pk=other.pk).delete()
    assert find("songTitle", "same", "ANOTHER", IIDX).type == "AmbiguousTitle"
    retire(one)
    assert find("songTitle", "same", "ANOTHER", IIDX) == one
