import pytest

from scores.games import PLAYTYPES
from tests.factories import make_chart, make_import, make_user, play
from tests.shared_data import needs_shared_data, shared_json

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


@needs_shared_data
@pytest.mark.parametrize("gpt", ["sdvx:Single", "iidx:SP", "chunithm:Single"])
def test_the_configuration_is_that_of_the_field(api, gpt):
    theirs = shared_json("spec/games.json")["gpts"][gpt]
    ours = api.get(f"/api/v1/games/{gpt.replace(':', '/')}").json()["body"]["config"]
    for key in (
        "defaultMetric",
        "preferredDefaultEnum",
        "defaultScoreRatingAlg",
        "defaultSessionRatingAlg",
        "defaultProfileRatingAlg",
        "orderedJudgements",
        "supportedMatchTypes",
    ):
        assert ours[key] == theirs[key], key
    for key in ("scoreRatingAlgs", "sessionRatingAlgs", "profileRatingAlgs"):
        assert list(ours[key]) == list(theirs[key]), key
    assert {each["id"]: each["name"] for each in theirs["versions"]} == ours["versions"]
    for key in ("providedMetrics", "derivedMetrics", "optionalMetrics"):
        assert types_and_values(ours[key]) == types_and_values(theirs[key]), key
    assert ids_of(ours["classes"]) == ids_of(theirs["classes"])


def types_and_values(metrics):
    return {
        name: (each["type"], each.get("values"), each.get("minimumRelevantValue"))
        for name, each in metrics.items()
    }


def ids_of(classes):
    return {
        name: (each["type"], [value["id"] for value in each["values"]])
        for name, each in classes.items()
    }
