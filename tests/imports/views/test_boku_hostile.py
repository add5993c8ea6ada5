"""Whatever is sent to beatoraja's, LR2Hook's and USC's addresses is answered."""

import json
from copy import deepcopy
from itertools import islice

import pytest

from imports.formats import beatoraja, lr2hook, usc
from imports.formats.base import Draft, Failure, ImportRefused, Input
from scores.models import Course
from tests.factories import make_token
from tests.imports.boku_hooks import (
    BEATORAJA,
    LR2_COURSE,
    LR2_IMPORT,
    MD5,
    SUBMIT_COURSE,
    SUBMIT_SCORE,
    USC,
    beatoraja_course,
    beatoraja_play,
    lr2_play,
    make_bms_chart,
    make_usc_chart,
    usc_play,
)

pytestmark = pytest.mark.django_db
EXTENDED = dict.fromkeys(lr2hook.EXTENDED_JUDGEMENTS.fields, 5)
LR2 = lr2_play({"extendedJudgements": EXTENDED})
BODIES = {
    SUBMIT_SCORE: (beatoraja.FORMAT, {}, beatoraja_play()),
    LR2_IMPORT: (lr2hook.FORMAT, {}, LR2),
    f"{USC}/scores": (usc.FORMAT, {"playtype": "Controller"}, usc_play(early=1)),
    SUBMIT_COURSE: (None, {}, beatoraja_course(MD5 * 4)),
    LR2_COURSE: (None, {}, lr2_play(md5=MD5 * 4)),
}
DEEP = []
for _ in range(300):
    DEEP = [DEEP]
VALUES = (
    *(None, True, False, 0, -1, 1.5, -0.0, 2, 10**15, 2**53, 2**63, 2**64 - 1, 1e308),
    *("", "x", "0", "NaN", "é", "\U0001f3b5" * 600, "y" * 100_000, "ab" * 32),
    *([], {}, [[]], [None] * 1000, {"a": {"b": []}}, DEEP, [1] * 1000, [100.0] * 1000),
)


def places(value, path=()):
    """The paths of everything in a body, but for all elements of a long list."""
    yield path
    items = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = islice(enumerate(value), 2)
    for key, each in items:
        yield from places(each, (*path, key))


def with_value(body, path, value):
    if not path:
        return value
    changed = deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def without(body, path):
    changed = deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed


@pytest.fixture
def charts():
    make_bms_chart()
    make_usc_chart()
    Course.objects.create(
        md5s=MD5 * 4, title="a dan", gpt="bms:7K", class_set="lnDan", value="DAN_1"
    )


@pytest.mark.parametrize("address", [a for a, of in BODIES.items() if of[0]])
def test_a_parser_takes_or_refuses_whatever_stands_anywhere(charts, address):
    format_, parameters, body = BODIES[address]
    entries = []
    for path in places(body):
        tried = [with_value(body, path, value) for value in VALUES]
        tried += [without(body, path)] if path else []
        for each in tried:
            sent = Input(json.dumps(each).encode(), "", parameters, 1)
            try:
                entries += format_.parse(sent).entries
            except ImportRefused as refused:
                assert refused.text
                assert len(refused.text) <= 2_000
    outcomes = format_.convert(entries, {})
    assert len(outcomes) == len(entries) > 50
    assert {type(each) for each in outcomes} <= {Draft, Failure}
    for entry in entries:
        assert len(json.dumps(entry)) < 50_000


@pytest.mark.parametrize("address", BODIES)
def test_no_request_is_a_fault_of_ours(charts, api, user, address):
    token = make_token(user, "submit_score")
    _, _, body = BODIES[address]
    seen = set()
    for at, path in enumerate(places(body)):
        for turn in (at, at + 7):
            value = VALUES[turn % len(VALUES)]
            sent = with_value(body, path, value)
            answer = api.post(address, sent, token=token, headers=BEATORAJA)
            told = answer.json()
            seen.add((answer.status_code, told.get("statusCode")))
            assert isinstance(told["description"], str)
    allowed = {200, 202, 400, 404} if "usc" not in address else {200, 400}
    assert {status for status, _ in seen} <= allowed
    assert {code for _, code in seen} <= {None, 20, 22, 40}


@pytest.mark.parametrize("address", BODIES)
def test_bytes_that_are_no_json_of_ours_are_refused(api, user, address):
    token = make_token(user, "submit_score")
    for raw in (
        b"{", b"null", b"5", b'"x"', b'{"md5": NaN}', b'{"md5": "\\ud800"}',
        b'{"md5": "\\u0000"}', b"[" * 10_000 + b"]" * 10_000, b"\xff\xfe{}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"md5": 1e999}',
    ):  # fmt: skip
        answer = api.post(address, raw, token=token, headers=BEATORAJA)
        told = answer.json()
        assert (answer.status_code, told.get("statusCode")) in {(400, None), (200, 40)}


def test_text_of_no_form_is_no_body(api, user):
    token = make_token(user, "submit_score")
    for address in BODIES:
        answer = api.post(
            address, "a=1", token=token, headers=BEATORAJA, content_type="text/plain"
        )
        assert answer.status_code == (200 if "usc" in address else 400)
