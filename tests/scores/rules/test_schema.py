"""The shapes of a game's records, and the JSON Schema that describes them."""

import json

import pytest
from jsonschema import Draft202012Validator

from scores.games import GAMES
from scores.rules.schema import ABSENT, array, document, integer, offences, string
from tests.shared_data import SHARED, needs_shared_data

RECORDS = {
    "schema.songData": "song_data",
    "schema.chartData": "chart_data",
    "schema.scoreMeta": "score_meta",
    "schema.preferences": "preferences",
}
CHART_DATA = document(
    inGameID=integer(minimum=0),
    folders=array(document(table=string())),
    notecount=integer().or_null(),
)


def test_an_offence_is_told_with_its_dotted_path_and_what_is_there():
    record = {"inGameID": -1, "folders": [{"table": "x"}, {"tabel": 1, "level": 2}]}
    assert list(offences(CHART_DATA, record)) == [
        ("inGameID", -1),
        ("folders.1.table", ABSENT),
        ("folders.1.tabel", 1),
        ("folders.1.level", 2),
        ("notecount", ABSENT),
    ]
    assert list(offences(CHART_DATA, [])) == [("", [])]


@needs_shared_data
def test_records_are_described_as_they_are_checked():
    verdicts = set()
    for line in (SHARED / "vectors/schema.jsonl").read_text().splitlines():
        vector = json.loads(line)
        check = getattr(game_of(vector["gpt"]), RECORDS[vector["fn"]])
        value, valid = vector["input"]["value"], check.json_schema()
        verdict = Draft202012Validator(valid).is_valid(value)
        assert verdict is check.accepts(value) is vector["output"]["ok"], line
        verdicts.add(verdict)
    assert verdicts == {True, False}


def game_of(gpt):
    return next(game for game in GAMES.values() if gpt in (game.gpt, game.name))


@pytest.mark.parametrize("gpt", GAMES)
@pytest.mark.parametrize("kind", RECORDS.values())
def test_every_record_of_a_game_is_described(gpt, kind):
    Draft202012Validator.check_schema(getattr(GAMES[gpt], kind).json_schema())
