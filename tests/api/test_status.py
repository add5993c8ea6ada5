import time

import pytest

from scores.games import GAMES

pytestmark = pytest.mark.django_db


def test_status_tells_the_time_and_the_version(api):
    body = api.get("/api/v1/status").json()["body"]

    assert abs(body["serverTime"] - time.time() * 1000) < 5000
    assert 0 < body["startTime"] <= body["serverTime"]
    assert body["version"].startswith("v2.5.2 [")
    assert "echo" not in body


def test_status_echoes_a_text_and_nothing_else(api):
    status = "/api/v1/status"

    assert api.get(f"{status}?echo=hi&foo=1").json()["body"]["echo"] == "hi"
    assert api.post(status, {"echo": "hi", "foo": 1}).json()["body"]["echo"] == "hi"
    assert "echo" not in api.post(f"{status}?echo=hi", {}).json()["body"]
    assert "echo" not in api.get(f"{status}?echo=a&echo=b").json()["body"]
    for sent in ({"echo": 5}, {"echo": None}, {"echo": ["hi"]}, ["echo"], []):
        assert "echo" not in api.post(status, sent).json()["body"]


def test_config_tells_a_client_what_there_is(api, settings):
    settings.SERVER_NAME, settings.SERVER_TYPE = "Somewhere", "boku"

    body = api.get("/api/v1/config").json()["body"]

    assert (body["NAME"], body["TYPE"]) == ("Somewhere", "boku")
    assert set(body["GAMES"]) == {game.name for game in GAMES.values()}
    assert len(body["GAMES"]) == len(set(body["GAMES"]))
    assert "file/batch-manual" in body["IMPORT_TYPES"]
    assert body["SIGNUPS_ENABLED"] is False
