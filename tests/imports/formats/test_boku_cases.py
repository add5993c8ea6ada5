"""Every case of beatoraja, LR2Hook and USC, sent to the address of its hook."""

import json

import pytest

from imports.models import Import
from scores.seeds.courses import store_courses
from tests.factories import make_token
from tests.imports.boku_hooks import BEATORAJA, LR2HOOK, ROUTES, make_usc_chart
from tests.imports.formats.cases import cases_of, headers_of, outcome_of
from tests.seeds import store_seeds
from tests.shared_data import needs_shared_data, shared_json

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
CASES = cases_of(ROUTES)


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
    return outcome_of(import_)


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_outcome(case, hook):
    for game in GAMES:
        store_seeds(f"samples/fixtures/{case['db']}", game)
    outcome = finished(hook(case["importType"], case["body"], headers_of(case)))
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
    records = shared_json("samples/fixtures/mock-db/bms-course-lookup.json")
    store_courses("bms", records)
    token = make_token(user, "submit_score")
    body = shared_json(f"samples/upstream-inline/{name}.json")
    answer = api.post(address, body, token=token, headers=headers)
    assert (answer.status_code, answer.json()["body"]) == (
        200,
        {"set": "genocideDan", "value": "OVERJOY"},
    )
