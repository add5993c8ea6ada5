"""Every case of beatoraja, LR2Hook and USC, sent to the address of its hook."""

import json

import pytest

from imports.models import Import
from scores.documents import plain, score_documents
from scores.models import ClassClaim, Score
from tachi.api.times import milliseconds
from tests.factories import make_token
from tests.imports.boku_hooks import BEATORAJA, LR2HOOK, ROUTES
from tests.seeds import store_seeds
from tests.shared_data import SHARED, needs_shared_data, shared_json

pytestmark = [pytest.mark.django_db, needs_shared_data]
GAMES = ("bms", "pms", "usc")
USC_STATUS = {40: 400}


def kind_of_gauge(expect):
    """A gauge is no percentage, and 88.5 is no kind."""
    for score in expect.get("stored", ()):
        score["scoreData"]["optional"].pop("gauge", None)


def in_percent(expect):
    for score in expect.get("stored", ()):
        optional = score["scoreData"]["optional"]
        optional["gauge"] = round(optional["gauge"] * 100, 3)


#: Where we answer differently from the original on purpose: how, and why.
DEVIATIONS = {
    "ir/beatoraja": (kind_of_gauge, "beatoraja's gauge is the kind of gauge"),
    "ir/usc": (in_percent, "a gauge is in percent, whoever sends it"),
}
CASES = [
    pytest.param(case, id=case["id"])
    for path in (
        *sorted((SHARED / "samples/cases").glob("ir-*.json")),
        SHARED / "samples/real/cases.json",
    )
    if path.exists()
    for case in json.loads(path.read_text(encoding="utf-8"))
    if case["importType"] in ROUTES
]


@pytest.fixture
def hook(api, user):
    """Send a body as the hook of that import type does; the answer."""
    token = make_token(user, "submit_score")

    def send(import_type, body, headers=()):
        address, usual = ROUTES[import_type]
        return api.post(address, body, token=token, headers={**usual, **dict(headers)})

    return send


def finished(answer):
    """What came of an import, as a case tells it."""
    import_ = Import.objects.last()
    if import_ is None or import_.error_status:
        told = answer.json()
        status = USC_STATUS.get(told.get("statusCode"), answer.status_code)
        return {"fatal": {"status": status}}
    errors = {}
    for error in import_.errors:
        errors[error["type"]] = errors.get(error["type"], 0) + 1
    return {
        "datapoints": import_.counts["total"],
        "imported": import_.counts["imported"],
        "skipped": import_.counts["held"],
        "errors": errors,
        "stored": [stored(score, import_) for score in scores_of(import_)],
        "classes": {
            claim.gpt: {claim.class_set: claim.value}
            for claim in ClassClaim.objects.filter(source_import=import_)
        },
    }


def scores_of(import_):
    scores = Score.objects.filter(source_import=import_)
    return plain(score_documents(scores.order_by("position")))


def stored(score, import_):
    at = score["timeAchieved"]
    now = at == milliseconds(import_.received_at)
    data = {k: v for k, v in score["scoreData"].items() if k != "enumIndexes"}
    optional = {k: v for k, v in data["optional"].items() if k != "enumIndexes"}
    names = ("game", "playtype", "songID", "chartID", "isPrimary", "service", "comment")
    return {
        **{name: score[name] for name in names},
        "timeAchieved": "time of the request" if now else at,
        "scoreData": {**data, "optional": optional},
        "scoreMeta": score["scoreMeta"],
    }


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_outcome(case, hook):
    for game in GAMES:
        store_seeds(f"samples/fixtures/{case['db']}", game)
    headers = {k: v for k, v in case.get("headers", {}).items() if k != "Authorization"}
    outcome = finished(hook(case["importType"], case["body"], headers))
    expect = json.loads(json.dumps(case["expect"]))
    if case["importType"] in DEVIATIONS:
        deviate, _ = DEVIATIONS[case["importType"]]
        deviate(expect)
    assert {key: outcome.get(key) for key in expect} == expect


#: The original's own inputs: how many scores they make, and how many orphans.
INLINE = [
    ("samples/upstream-inline/beatoraja-bms.json", "ir/beatoraja", (1, 0, 0)),
    ("samples/upstream-inline/beatoraja-pms.json", "ir/beatoraja", (1, 0, 0)),
    ("samples/upstream-inline/lr2hook-score.json", "ir/lr2hook", (0, 0, 1)),
    ("samples/upstream-inline/usc-score.json", "ir/usc", (1, 0, 0)),
    ("samples/upstream/usc/base.json", "ir/usc", (0, 1, 0)),
]


@pytest.mark.parametrize(("name", "import_type", "counts"), INLINE)
def test_the_originals_inputs_have_their_outcome(hook, name, import_type, counts):
    for game in ("bms", "pms"):
        store_seeds("samples/fixtures/mock-db", game)
    body = shared_json(name)
    if name.endswith("usc-score.json"):
        from tests.imports.boku_hooks import make_usc_chart

        make_usc_chart("USC_CHART_HASH")
    hook(import_type, body)
    found = Import.objects.get().counts
    assert tuple(found[n] for n in ("imported", "orphaned", "rejected")) == counts


@pytest.mark.parametrize(
    ("name", "address", "headers"),
    [
        ("beatoraja-course", "/ir/beatoraja/submit-course", BEATORAJA),
        ("lr2hook-course", "/ir/lr2hook/import/course", LR2HOOK),
    ],
)
def test_the_originals_courses_give_their_class(api, user, name, address, headers):
    from scores.seeds.courses import store_courses

    records = shared_json("samples/fixtures/mock-db/bms-course-lookup.json")
    store_courses("bms", records)
    token = make_token(user, "submit_score")
    body = shared_json(f"samples/upstream-inline/{name}.json")
    answer = api.post(address, body, token=token, headers=headers)
    assert (answer.status_code, answer.json()["body"]) == (
        200,
        {"set": "genocideDan", "value": "OVERJOY"},
    )
