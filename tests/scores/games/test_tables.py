import pytest

from scores.documents.games import game_config_document, playtype_config_document
from scores.games import GAMES
from tests.shared_data import needs_shared_data, shared_json

pytestmark = needs_shared_data
METRIC_KEYS = ("type", "description", "values", "minimumRelevantValue")
FLAGS = ("chartDependentMax", "partOfScoreID")
SAME = (
    "defaultMetric",
    "preferredDefaultEnum",
    "defaultScoreRatingAlg",
    "defaultSessionRatingAlg",
    "defaultProfileRatingAlg",
    "orderedJudgements",
    "supportedMatchTypes",
)


@pytest.fixture(scope="module")
def everything_specified():
    return shared_json("spec/games.json")


@pytest.fixture
def specified(everything_specified, gpt):
    if gpt not in everything_specified["gpts"]:
        pytest.skip(f"{gpt} is not one of Tachi's")
    return everything_specified


def present(document, *keys):
    return {key: document[key] for key in keys if document.get(key)}


def metrics(definitions):
    keys = (*METRIC_KEYS, *FLAGS)
    return [(name, present(each, *keys)) for name, each in definitions.items()]


def ratings(definitions):
    keys = ("description", "associatedScoreAlgs")
    return [(name, present(each, *keys)) for name, each in definitions.items()]


def class_set(classes):
    shown = ("id", "display", "hoverText")
    return {
        **present(classes, "type", "minimumRelevantValue", "minimumScores"),
        "values": [{key: row[key] for key in shown} for row in classes["values"]],
    }


@pytest.mark.parametrize("gpt", GAMES)
def test_a_playtype_is_configured_as_specified(gpt, specified):
    expected, config = specified["gpts"][gpt], playtype_config_document(GAMES[gpt])

    for kind in ("providedMetrics", "derivedMetrics", "optionalMetrics"):
        assert metrics(config[kind]) == metrics(expected[kind])
    for kind in ("scoreRatingAlgs", "sessionRatingAlgs", "profileRatingAlgs"):
        assert ratings(config[kind]) == ratings(expected[kind])
    for key in SAME:
        assert config[key] == expected[key]
    assert list(config["versions"].items()) == [
        (version["id"], version["name"]) for version in expected["versions"]
    ]
    assert config["difficulties"] == present(
        expected["difficulties"], "type", "order", "default"
    ) | (
        {"shorthand": expected["difficulties"]["shorthand"]}
        if "order" in expected["difficulties"]
        else {}
    )
    assert config["classes"] == {
        name: class_set(classes) for name, classes in expected["classes"].items()
    }


@pytest.mark.parametrize("gpt", GAMES)
def test_personal_bests_are_merged_as_specified(gpt, specified):
    expected, game = specified["gpts"][gpt]["pbMerge"], GAMES[gpt]

    assert game.default_metric == expected["base"]["metric"]
    assert game.base_name == expected["defaultRefName"]
    assert [
        (
            merger.name,
            merger.metric,
            "smallest" if merger.smallest else "largest",
            [f"scoreData.{path}" for path in merger.copies],
        )
        for merger in game.mergers
    ] == [
        (merger["name"], merger["metric"], merger["direction"], merger["copies"])
        for merger in expected["mergers"]
    ]


def samples(form):
    if form.get("kind") == "locale-grouped":
        return [(1234567, "1,234,567"), (12.5, "12.5")]
    if form.get("kind") == "plain":
        return [(1234567, "1234567"), (12.5, "12.5")]
    if "samples" in form:
        return [(float(value), text) for value, text in form["samples"].items()]
    sign = "%" if form["kind"] == "percent" else ""
    return [(12.34567, f"{12.34567:.{form['decimalPlaces']}f}{sign}")]


@pytest.mark.parametrize("gpt", GAMES)
@pytest.mark.parametrize(
    ("section", "attribute"),
    [
        ("providedMetrics", "provided"),
        ("derivedMetrics", "derived"),
        ("optionalMetrics", "optional"),
        ("scoreRatingAlgs", "score_ratings"),
        ("sessionRatingAlgs", "session_ratings"),
        ("profileRatingAlgs", "profile_ratings"),
    ],
)
def test_values_are_printed_as_specified(gpt, section, attribute, specified):
    for name, definition in specified["gpts"][gpt][section].items():
        printed = getattr(GAMES[gpt], attribute)[name].text
        for value, text in samples(definition.get("formatter") or {"samples": {}}):
            assert printed(value) == text, name


@pytest.mark.parametrize("gpt", GAMES)
def test_a_game_is_named_as_specified(gpt, specified):
    game = GAMES[gpt]
    expected = specified["games"][game.name]
    document = game_config_document(game)
    assert present(document, "name", "playtypes") == present(
        expected, "name", "playtypes"
    )
    assert game.display_name == specified["gpts"][gpt]["displayName"]
    assert len(game.score_ratings) <= 3


@pytest.mark.parametrize("gpt", GAMES)
def test_every_schema_is_the_specified_one(gpt, specified):
    expected, game = specified["gpts"][gpt], GAMES[gpt]
    assert set(expected["deriversImplementedFor"]) == set(game.derivers)
    assert len(game.relations) == expected["scoreValidatorCount"]
    ruled = {
        name
        for name, metric in {**game.metrics, **game.optional}.items()
        if metric.chart_dependent
    }
    assert ruled == set(expected["chartSpecificValidators"])


def test_score_ids_are_those_of_the_original():
    for case in shared_json("vectors/score-id-examples.json")["scoreIDs"]:
        if case["gpt"] in GAMES:
            score_id = GAMES[case["gpt"]].score_id(
                case["userID"], case["chartID"], case["scoreData"]
            )
            assert score_id == case["scoreID"], case["note"]
