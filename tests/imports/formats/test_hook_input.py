"""Whatever hooks send is a score, a row that is told why not, or refused."""

import json
from copy import deepcopy

import orjson
import pytest

from imports.formats import get_format
from imports.formats.base import Draft, ImportRefused, Input
from imports.formats.orphans import orphan_id
from imports.models import Hook, HookSettings, Import
from imports.pipeline import run_inline
from scores.games import get_game
from tests.factories import NOON, make_token
from tests.imports.hooks import (
    BARBATOS,
    CLASS,
    EXPORT,
    FERVIDEX,
    KSHOOK,
    PROFILE,
    SAVE,
    SCORE,
    exceed_play,
    fervidex_play,
    kshook_best,
    kshook_play,
    make_iidx_chart,
    make_sdvx_chart,
    profile,
    vivid_play,
)

pytestmark = pytest.mark.django_db

COURSE = {"cleared": True, "course_id": 18, "play_style": 0}
EVERYTHING = fervidex_play(
    dead={"measure": 1, "note": 2},
    highlight=True,
    duplicate=False,
    custom=False,
    chart_sha256="ab" * 32,
    **{
        "2dx-gsm": {gauge: [100, 22] for gauge in ("EASY", "NORMAL", "HARD", "EX_HARD")}
    },
)
#: Import type, parameters, and a body with everything that is looked at.
BODIES = [
    ("ir/fervidex", {"version": "28"}, EVERYTHING),
    ("ir/fervidex-static", {"version": "28", "scores": True}, profile(dp_dan=18)),
    ("ir/kshook-sv6c", {}, kshook_play()),
    ("ir/kshook-sv6c-static", {}, {"scores": [kshook_best(), kshook_best()]}),
    ("ir/barbatos", {}, vivid_play()),
    ("ir/barbatos", {}, exceed_play()),
]
STRANGE = [
    *(None, True, False, 0, 1, -1, 2**53, -(2**63), 2**64 - 1, 0.5, 1e300, -0.0, 5.0),
    *("", "x", "28", "0" * 5000, "spa", "ü\U0001f600", "CLEAR_PERFECT", "٣", "1e3"),
    *([], [[]], [None], [0.5], ["x"], [300], [-1], [1e300], list(range(300))),
    *({}, {"x": 1}, {"": {}}, {"spa": None}, {"1001": {"spa": {}}}),
]


def places(value, at=()):
    """The way to every value within a body, and to the body itself."""
    yield at
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, each in list(items)[:30]:
        yield from places(each, (*at, key))


def with_it(body, at, value):
    if not at:
        return value
    body = deepcopy(body)
    within = body
    for key in at[:-1]:
        within = within[key]
    within[at[-1]] = value
    return body


def read(import_type, parameters, body):
    """As the pipeline reads it; whether it was refused as a whole."""
    format_ = get_format(import_type)
    sent = Input(json.dumps(body).encode(), "", parameters, NOON)
    try:
        parsed = format_.parse(sent)
    except ImportRefused as refusal:
        assert 0 < len(refusal.text) <= 2000
        assert refusal.status == 400
        return True
    outcomes = format_.convert(parsed.entries, parsed.context)
    assert [each.position for each in outcomes] == list(range(len(parsed.entries)))
    for each in outcomes:
        if isinstance(each, Draft):
            get_game(each.chart.gpt).complete([(each.score_data, each.chart)])
            assert each.time_achieved is None or type(each.time_achieved) is int
        else:
            assert 0 < len(each.message) <= 2000
            orjson.dumps(each.data)
            orphan_id(import_type, each.data, parsed.context, 1)
    return False


@pytest.mark.parametrize(
    ("import_type", "parameters", "body"),
    BODIES,
    ids=[f"{each[0]} {number}" for number, each in enumerate(BODIES)],
)
def test_whatever_stands_anywhere_is_read_or_refused(import_type, parameters, body):
    make_iidx_chart()
    make_sdvx_chart()
    assert read(import_type, parameters, body) is False
    refused = [
        read(import_type, parameters, with_it(body, at, value))
        for at in places(body)
        for value in STRANGE
    ]
    assert True in refused
    for key in body:
        read(import_type, parameters, {k: v for k, v in body.items() if k != key})


ADDRESSES = {
    SCORE: (FERVIDEX, EVERYTHING),
    PROFILE: (FERVIDEX, profile()),
    CLASS: (FERVIDEX, COURSE),
    SAVE: (KSHOOK, kshook_play()),
    EXPORT: (KSHOOK, {"scores": [kshook_best()]}),
    BARBATOS: ({}, vivid_play()),
}
RAW = {
    "nothing": b"",
    "no JSON": b"score=5",
    "a list": b"[]",
    "a list of lists": b"[[],[]]",
    "null": b"null",
    "a text": b'"x"',
    "NaN": b'{"score":NaN,"ex_score":Infinity}',
    "a huge number": b'{"ex_score":' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"ex_score":1e999}',
    "a NUL": b'{"chart":"\\u0000"}',
    "a NUL in a key": b'{"sc\\u0000res":1}',
    "a bare NUL": b'{"chart":"\0"}',
    "half a pair": b'{"chart":"\\ud800"}',
    "10,000 deep": b'{"scores":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "900 deep": b'{"scores":' + b"[" * 900 + b"]" * 900 + b"}",
    "no UTF-8": b'{"chart":"\xff\xfe"}',
    "UTF-16": json.dumps({"chart": "spa"}).encode("utf-16"),
    "twice": b'{"scores":{},"scores":[]}',
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_is_sent_is_answered_clearly(address, api, user):
    token = make_token(user, "submit_score")
    for hook in Hook:
        HookSettings.objects.create(user=user, hook=hook)
    headers, right = ADDRESSES[address]
    spoilt = [json.dumps(right).encode()[:-1], json.dumps({**right, "x": [[]]})]
    for raw in [*RAW.values(), *spoilt]:
        HookSettings.objects.update(force_static_import=True)
        answer = api.post(address, raw, token=token, headers=headers)
        assert answer.status_code in {200, 202, 400}, raw[:50]
    assert api.client.post(address, "a=b", "text/plain", headers=headers).status_code
    for import_ in Import.objects.queued():
        assert run_inline(import_).error_status in {None, 400}


@pytest.mark.parametrize("header", ["User-Agent", "X-Software-Model", "X-Account-Id"])
@pytest.mark.parametrize(
    "text", ["\0", "x" * 7000, "fervidex/" + "9." * 3000 + "9", "ü", "P2D:J:B:A:٢٠٢٢"]
)
def test_whatever_a_header_says_is_answered_clearly(api, user, header, text):
    token = make_token(user, "submit_score")
    HookSettings.objects.create(user=user, hook="fervidex", cards=["E004"])
    for address, usual in ((CLASS, FERVIDEX), (SAVE, KSHOOK)):
        headers = {**usual, header: text}
        answer = api.post(address, {}, token=token, headers=headers)
        assert answer.status_code == 400
        assert len(answer.content) < 4000
