import json

import pytest

from scores.documents import playtype_config_document
from scores.games import GAMES, PLAYTYPES
from tests.factories import make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db


def test_all_games_are_listed_with_their_configuration(api):
    body = api.get("/api/v1/games").json()["body"]
    assert body["supportedGames"] == list(PLAYTYPES)
    assert body["configs"]["sdvx"]["name"] == "SOUND VOLTEX"
    assert body["configs"]["iidx"]["playtypes"] == ["SP", "DP"]


def test_one_game_is_described(api):
    body = api.get("/api/v1/games/iidx/").json()["body"]
    assert body["name"] == "beatmania IIDX"


@pytest.mark.parametrize("path", ["chess", "chess/Single", "sdvx/DP"])
def test_an_unknown_game_or_playtype_is_400(api, path):
    assert api.get(f"/api/v1/games/{path}").status_code == 400


def test_a_playtype_counts_what_there_is(api):
    chart = make_chart()
    make_chart(game="chunithm")
    make_import(make_user(), play(chart), play(chart, 9_000_001))
    make_import(make_user(), play(chart))
    body = api.get("/api/v1/games/sdvx/Single").json()["body"]
    counts = [body[f"{name}Count"] for name in ("score", "player", "chart")]
    assert counts == [3, 2, 1]


@pytest.mark.parametrize("gpt", GAMES)
def test_a_playtype_is_described_by_its_rules(api, gpt):
    body = api.get(f"/api/v1/games/{gpt.replace(':', '/')}").json()["body"]
    rules = json.dumps(playtype_config_document(GAMES[gpt]))
    assert body["config"] == json.loads(rules)
