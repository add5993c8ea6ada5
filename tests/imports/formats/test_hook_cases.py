"""Every case of fervidex, kshook and BARBATOS, sent to the address of its hook."""

import pytest

from imports.models import Hook, HookSettings, Import
from imports.pipeline import run_inline
from tests.factories import make_token
from tests.imports.formats.cases import cases_of, headers_of, outcome_of
from tests.seeds import store_seeds
from tests.shared_data import needs_shared_data, shared_json

pytestmark = [pytest.mark.django_db, needs_shared_data]

FERVIDEX = {
    "User-Agent": "fervidex/1.3.2",
    "X-Software-Model": "LDJ:J:E:A:2021091500",
}
KSHOOK = {"User-Agent": "kshook/1.1.0", "X-Software-Model": "QCV:J:B:A:2025042200"}
#: Import type → the address that takes it, and its headers.
ROUTES = {
    "ir/fervidex": ("/ir/fervidex/score/submit", FERVIDEX),
    "ir/fervidex-static": ("/ir/fervidex/profile/submit", FERVIDEX),
    "ir/kshook-sv6c": ("/ir/kshook/sv6c/score/save", KSHOOK),
    "ir/kshook-sv6c-static": ("/ir/kshook/sv6c/score/export", KSHOOK),
    "ir/barbatos": ("/ir/barbatos/score/submit", {}),
}
EXPORTS = {
    "ir/fervidex-static": Hook.FERVIDEX,
    "ir/kshook-sv6c-static": Hook.KSHOOK_SV6C,
}


def told(imported=0, **errors):
    """The outcome of a list of which this many rows are imported."""
    return {"imported": imported, "errors": errors}


ROW = "a row that cannot be costs itself, never the list it is in"
#: Where we answer differently from the original on purpose: how, and why.
DEVIATIONS = {
    "fervidex-static-miss-minus2": (told(InvalidDatapoint=1), ROW),
    "fervidex-static-excess": (
        told(imported=1),
        "one new key of a newer fervidex would cost every score",
    ),
    "fervidex-static-bad-songid": (told(InvalidDatapoint=1), ROW),
    "kshook-static-one-bad": (told(imported=1, InvalidDatapoint=1), ROW),
    "kshook-static-null": (told(), "it is what kshook makes of an empty list"),
    "kshook-export-empty": (told(), "it is what kshook makes of an empty list"),
}
CASES = cases_of(ROUTES)


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def hook(api, user, token):
    """Send a body as the hook of that import type does; the answer."""

    def send(import_type, body, wanted=True, headers=()):
        if import_type in EXPORTS and wanted:
            HookSettings.objects.update_or_create(
                user=user,
                hook=EXPORTS[import_type],
                defaults={"force_static_import": True},
            )
        address, usual = ROUTES[import_type]
        return api.post(address, body, token=token, headers={**usual, **dict(headers)})

    return send


def finished(answer):
    """What came of an import, which may still be queued: as a case tells it."""
    import_ = Import.objects.last()
    if import_ is None:
        return {"fatal": {"status": answer.status_code}}
    if answer.status_code == 202:
        run_inline(import_)
    if import_.error_status:
        return {"fatal": {"status": import_.error_status}}
    return outcome_of(import_)


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_outcome(case, hook):
    for game in ("iidx", "sdvx"):
        store_seeds(f"samples/fixtures/{case['db']}", game)
    wanted = case.get("should", True)
    answer = hook(case["importType"], case["body"], wanted, headers_of(case))
    outcome = finished(answer)
    expect, _ = DEVIATIONS.get(case["id"], (case["expect"], None))
    expect = {k: v for k, v in expect.items() if k not in {"datapoints", "skipped"}}
    assert {key: outcome.get(key) for key in expect} == expect


def test_every_deviation_is_from_a_case_that_exists():
    assert {
        case["id"] for [case] in (each.values for each in CASES)
    } >= DEVIATIONS.keys()


#: The original's own inputs: how many scores they make, and how many orphans.
INLINE = [
    ("barbatos-sdvx5-testing", "ir/barbatos", 1, 0),
    ("barbatos-sdvx5-mock", "ir/barbatos", 1, 0),
    ("barbatos-sdvx6-mock", "ir/barbatos", 1, 0),
    ("fervidex-score", "ir/fervidex", 1, 0),
    ("fervidex-score-2dxgsm", "ir/fervidex", 1, 0),
    ("fervidex-static-base", "ir/fervidex-static", 1, 2),
    ("kshook-score", "ir/kshook-sv6c", 1, 0),
    ("kshook-static", "ir/kshook-sv6c-static", 1, 0),
]


@pytest.mark.parametrize(("name", "import_type", "imported", "orphans"), INLINE)
def test_the_originals_inputs_are_imported(hook, name, import_type, imported, orphans):
    for game in ("iidx", "sdvx"):
        store_seeds("samples/fixtures/mock-db", game)
    body = shared_json(f"samples/upstream-inline/{name}.json")
    model = {"X-Software-Model": "LDJ:J:B:A:2020092900"}
    headers = model if "fervidex" in name else {}
    outcome = finished(hook(import_type, body, headers=headers))
    errors = {"SongOrChartNotFound": orphans} if orphans else {}
    assert (outcome["imported"], outcome["errors"]) == (imported, errors)
