"""Hooks against a real server and its worker, as impatient as they are."""

import json
import time
import urllib.error
import urllib.request

import pytest

from tests.imports.hooks import (
    BARBATOS,
    CLASS,
    EXPORT,
    INFINITAS,
    KSHOOK,
    PROFILE,
    SAVE,
    SCORE,
    exceed_play,
    fervidex_play,
    kshook_play,
    profile,
    vivid_play,
)
from tests.real_site import real_site

pytestmark = pytest.mark.slow
PATIENCE = 10  # seconds that kshook waits; what fervidex does is not known


def post(site, address, body, headers):
    """The status and what a hook reads, of one try within its patience."""
    headers = {
        "Authorization": f"Bearer {site.token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        **headers,
    }
    sent = urllib.request.Request(
        site.url + address, json.dumps(body).encode(), headers, method="POST"
    )
    try:
        with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_hooks_and_a_real_server_understand_each_other():
    course = {"cleared": True, "course_id": 18, "play_style": 1}
    with real_site() as (site, _):
        for address, body, headers in (
            (SCORE, fervidex_play(), INFINITAS),
            (SAVE, kshook_play(), KSHOOK),
            (BARBATOS, vivid_play(), {}),
            (BARBATOS, exceed_play(), {}),
        ):
            status, answer = post(site, address, body, headers)
            # The sample has no such songs: the play is kept until it has.
            counts = answer["body"]["counts"]
            assert (status, counts["orphaned"], counts["total"]) == (200, 1, 1)
        assert post(site, EXPORT, {"scores": None}, KSHOOK)[0] == 200
        assert post(site, CLASS, course, INFINITAS)[0] == 200
        assert isinstance(post(site, SAVE, {}, KSHOOK)[1]["error"], str)

        began = time.monotonic()
        status, answer = post(site, PROFILE, profile(), INFINITAS)
        assert (status, answer["body"], answer["success"]) == (202, {}, True)
        assert time.monotonic() - began < 1
        deadline = time.monotonic() + 30
        path = "/api/v1/users/me/imports?importType=ir/fervidex-static"
        while not (imports := site.ask("GET", path)[1]["body"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert imports[0]["counts"]["orphaned"] == 1
        (delta,) = imports[0]["classDeltas"]
        assert (delta["playtype"], delta["new"]) == ("SP", "DAN_9")
