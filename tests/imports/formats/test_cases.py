"""The shared cases, through the endpoints: what is sent, and what became of it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from imports.formats import FORMATS
from imports.models import Import
from scores.games import PLAYTYPES
from tests.factories import make_token, make_user
from tests.imports.formats.cases import cases_of, outcome_of, steps_of
from tests.imports.formats.deviations import DEVIATIONS
from tests.seeds import store_seeds
from tests.shared_data import needs_shared_data

pytestmark = [pytest.mark.django_db, needs_shared_data]
FILE = "/api/v1/import/file"
DIRECT = "/ir/direct-manual/import"
FIXTURES = "samples/fixtures/mini-db"


def upload(api, token, step):
    """A case of a `file/*`."""
    content = step["text"] if "text" in step else json.dumps(step["body"])
    name = step.get("filename", "scores")
    fields = {
        "importType": step["importType"],
        "scoreData": SimpleUploadedFile(name, content.encode()),
        **step.get("form", {}),
    }
    return api.client.post(FILE, fields, headers={"Authorization": f"Bearer {token}"})


def direct(api, token, step):
    infer = {"X-Infer-Score-TimeAchieved": "true"} if step.get("infer") else {}
    return api.post(DIRECT, step["body"], token=token, headers=infer)


#: How a case of each import type is sent. A hook has a line of its own.
SENDERS = {
    **{name: upload for name in FORMATS if name.startswith("file/")},
    "ir/direct-manual": direct,
}
WITHOUT_CASES = {"file/mer-iidx"}


CASES = cases_of(SENDERS)


@pytest.fixture(scope="module")
def charts(django_db_setup, django_db_blocker):
    """The songs and charts that the cases are about."""
    with django_db_blocker.unblock(), transaction.atomic():
        for game in PLAYTYPES:
            store_seeds(FIXTURES, game)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def site(api, settings, charts, db):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False
    return api


def test_there_are_cases_of_both_kinds_and_of_every_import_type():
    assert {case.id.partition("-")[0] for case in CASES} == {"cases", "real"}
    steps = [step for case in CASES for step in steps_of(*case.values)]
    assert {step["importType"] for step in steps} == SENDERS.keys() - WITHOUT_CASES


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_outcome(site, case):
    user = make_user()
    token = make_token(user, "submit_score")
    for step in steps_of(case):
        expect = expected(case["id"], step)
        answer = SENDERS[step["importType"]](site, token, step)
        outcome = told_by(answer)
        assert {key: outcome.get(key) for key in expect} == expect, answer.json()


def test_every_deviation_is_from_a_case_that_exists():
    known = {each.id.partition("-")[2] for each in CASES}
    known |= {each.values[0]["id"] for each in CASES}
    assert known >= DEVIATIONS.keys()


def expected(case_id, step):
    """What the case says, without what is told in another way here."""
    expect = dict(step["expect"])
    if case_id in DEVIATIONS:
        deviate, _ = DEVIATIONS[case_id]
        expect = deviate(expect)
    given = expect.pop("classes", None) or {}
    if any("fatal" in (classes or {}) for classes in given.values()):
        return {"fatal": {"status": 400}}  # refused before anything is stored
    if "fatal" not in expect:
        expect["classes"] = {gpt: classes for gpt, classes in given.items() if classes}
    if "datapoints" in expect and not is_manual(step["importType"]):
        # What is no play is no row of the import.
        expect["datapoints"] -= expect.pop("skipped")
    return expect


def is_manual(import_type):
    return import_type.endswith("-manual")


def told_by(answer):
    body = answer.json()
    if answer.status_code != 200:
        assert body["success"] is False
        assert body["description"]
        return {"fatal": {"status": answer.status_code}}
    document = body["body"]
    import_ = Import.objects.get(import_id=document["importID"])
    outcome = outcome_of(import_)
    assert document["counts"]["total"] == outcome["datapoints"]
    assert len(document["errors"]) == sum(outcome["errors"].values())
    assert len(document["scoreIDs"]) == outcome["imported"]
    return outcome
