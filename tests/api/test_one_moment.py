"""Answers are wholly of before or of after, while an import comes and goes."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import Score, Session
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,
]

SECONDS, READERS, CHARTS = 6, 3, 60
LISTS_IN_NO_ORDER = {"songs", "charts", "users"}


@pytest.fixture
def addresses(settings):
    """Everything that shows the import that comes and goes, and that import."""
    settings.RATE_LIMITS = False
    charts = [make_chart(level=1 + n % 20) for n in range(CHARTS)]
    user, other = make_user(), make_user()
    make_import(other, play(charts[0], 9_400_000, NOON))
    make_import(user, *_plays(charts, 9_000_000), service="first")
    import_ = make_import(
        user,
        *_plays(charts, 9_500_000, shift=HOUR),
        *_plays(charts, 9_600_000, shift=100 * HOUR),
        *_plays(charts[:5], 9_000_000),
        play(4444),
        service="second",
        classes={"dan": "DAN_5"},
    )
    score = Score.objects.filter(source_import=import_).first()
    session = Session.objects.filter(user=user).order_by("-time_started").first()
    player = f"/api/v1/users/{user.pk}/games/sdvx/Single"
    chart = charts[0].chart_id
    return import_, [
        "/api/v1/imports",
        f"/api/v1/imports/{import_.import_id}",
        f"/api/v1/imports/{import_.import_id}/poll-status",
        f"/api/v1/users/{user.pk}/imports",
        f"/api/v1/users/{user.pk}/game-stats",
        player,
        f"{player}/pbs/all",
        f"{player}/pbs/best",
        f"{player}/pbs/{chart}?getComposition=true",
        f"{player}/scores/all",
        f"{player}/scores/recent",
        f"{player}/scores/{chart}",
        f"{player}/sessions/best",
        f"{player}/sessions/recent",
        f"/api/v1/games/sdvx/Single/charts/{chart}/pbs",
        f"/api/v1/scores/{score.score_id}?getRelated=true",
        f"/api/v1/sessions/{session.session_id}",
    ]


def _plays(charts, score, shift=0):
    return [
        play(chart, score + n, NOON + shift + n * HOUR // 4)
        for n, chart in enumerate(charts)
    ]


def read(address):
    """Status and content of an answer, lists of no order in one order."""
    answer = Client(raise_request_exception=False).get(address)
    return answer.status_code, _ordered(answer.json())


def _ordered(value, name=""):
    if isinstance(value, dict):
        return {key: _ordered(each, key) for key, each in value.items()}
    if isinstance(value, list):
        found = [_ordered(each) for each in value]
        return sorted(found, key=json.dumps) if name in LISTS_IN_NO_ORDER else found
    return value


def revert(import_):
    assert revert_import(import_, OPERATOR) is not None


def restore(import_):
    assert restore_import(import_, OPERATOR) is not None


def test_every_answer_is_of_one_moment(addresses):
    import_, addresses = addresses
    there = {address: read(address) for address in addresses}
    revert(import_)
    gone = {address: read(address) for address in addresses}
    restore(import_)
    assert there == {address: read(address) for address in addresses}
    assert all(there[address] != gone[address] for address in addresses)
    over = time.monotonic() + SECONDS
    torn, whole, changes = Counter(), Counter(), Counter()

    def come_and_go():
        while time.monotonic() < over:
            revert(import_)
            restore(import_)
            changes["both"] += 1
        connection.close()

    def look(first):
        while time.monotonic() < over:
            for address in addresses[first:] + addresses[:first]:
                found = read(address)
                is_whole = found in (there[address], gone[address])
                (whole if is_whole else torn)[f"{found[0]} {address}"] += 1
        connection.close()

    with ThreadPoolExecutor(READERS + 1) as pool:
        readers = [pool.submit(look, 5 * n) for n in range(READERS)]
        for future in [pool.submit(come_and_go), *readers]:
            future.result()
    assert changes["both"] >= 3
    assert whole.total() >= len(addresses), whole
    assert not torn, f"{torn.total()} of {(torn + whole).total()}: {dict(torn)}"


def test_a_completed_poll_names_the_scores_of_its_import(addresses):
    """The most frequent read of all, by itself: nothing else between its statements."""
    import_, addresses = addresses
    poll = next(address for address in addresses if "poll-status" in address)
    there = read(poll)
    revert(import_)
    gone = read(poll)
    restore(import_)
    over, torn, seen = threading.Event(), [], Counter()

    def look():
        while not over.is_set():
            found = read(poll)
            seen[found[0]] += 1
            if found not in (there, gone):
                torn.append(found)
        connection.close()

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(look) for _ in range(READERS)]
        for _ in range(20):
            revert(import_)
            restore(import_)
        over.set()
        for future in readers:
            future.result()
    assert len(seen) == 2, seen
    assert not torn, f"{len(torn)} of {seen.total()}: {torn[0]}"
