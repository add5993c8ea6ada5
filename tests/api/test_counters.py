"""Counting in the caches that sites have: exactly, and without waiting for them."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain

import pytest
from django.core.cache import caches
from django.db import connection

from tachi.api import counters
from tachi.api.throttles import Aggressive
from tachi.caches import PATIENCE
from tachi.caches import caches as caches_of
from tests.attacks.marks import on_postgresql
from tests.commands import call

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
THREADS, EACH = 8, 25


@pytest.fixture(autouse=True)
def as_just_started(monkeypatch):
    monkeypatch.setattr(counters, "shared", counters.Shared())
    monkeypatch.setattr("tachi.api.throttles.shared", counters.shared)


@pytest.fixture
def redis(settings):
    """The real one, with keys of this test only."""
    settings.CACHES = caches_of(REDIS)
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}-{time.time_ns()}"
    settings.CACHES = dict(settings.CACHES)
    try:
        caches["default"].get("x")
    except Exception as error:
        pytest.skip(f"There is no Redis to test with: {error}")


@pytest.fixture
def table(settings, transactional_db):
    settings.CACHES = caches_of("database://counters")
    call("createcachetable")
    yield "counters"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE counters")


def count_in_parallel(key):
    """What each of many calls was told, sorted."""

    def work(_):
        with closing(connection):
            return [counters.shared.count(key, 120) for _ in range(EACH)]

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(chain.from_iterable(pool.map(work, range(THREADS))))


ALL = list(range(1, THREADS * EACH + 1))


def test_in_redis_every_count_counts(redis, caplog):
    assert count_in_parallel("limit:many") == ALL
    assert not caplog.records


def test_in_memory_every_count_counts():
    assert count_in_parallel("limit:many") == ALL


@on_postgresql
def test_in_a_table_every_count_counts(table, caplog):
    assert count_in_parallel("limit:many") == ALL
    assert not caplog.records


def test_a_table_forgets_what_has_expired(
    table, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(counters, "ONE_IN", 1)
    for window in range(3):
        counters.shared.count(f"limit:{window}", -10)
    with django_assert_num_queries(2):
        assert counters.shared.count("limit:now", 60) == 1
    with django_assert_num_queries(1):
        assert counters.shared.count("limit:now", 60) == 2

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM counters")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("kind", ["redis", "table"])
def test_a_shared_cache_limits_requests_over_http(request, db, api, settings, kind):
    if kind == "table":
        settings.CACHES = caches_of("database://counters")
        call("createcachetable")
    else:
        request.getfixturevalue(kind)
    settings.RATE_LIMIT = 2

    answers = [api.get("/api/v1/status", REMOTE_ADDR="2001:db8::1") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each["X-RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert caches["process"].get("x") is None


@pytest.fixture
def silent():
    """The port of somebody who takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("kind", ["silent", "closed"])
def test_a_cache_that_is_away_holds_up_nobody_for_long_and_limits_stay(
    request, db, api, settings, caplog, kind
):
    settings.CACHES = caches_of(
        f"redis://:hunter2@127.0.0.1:{request.getfixturevalue(kind)}/0"
    )
    settings.RATE_LIMIT = 3
    began = time.monotonic()

    statuses = [api.get("/api/v1/status").status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]
    assert time.monotonic() - began < 2 * PATIENCE + 1
    told = [each for each in caplog.messages if "cache does not answer" in each]
    assert len(told) == 1
    assert "hunter2" not in caplog.text


def test_a_cache_that_is_back_is_asked_again(redis, settings, monkeypatch, closed):
    there = settings.CACHES
    settings.CACHES = caches_of(f"redis://127.0.0.1:{closed}/0")
    counters.shared.count("limit:x", 60)
    settings.CACHES = there
    now = time.monotonic()
    counters.shared.count("limit:x", 60)
    assert caches["default"].get("limit:x") is None

    later = now + counters.AWAY_SECONDS + 1
    monkeypatch.setattr(counters.time, "monotonic", lambda: later)
    counters.shared.count("limit:x", 60)

    assert caches["default"].get("limit:x") == 1


def test_a_table_that_is_missing_keeps_nobody_out(
    transactional_db, api, settings, caplog
):
    settings.CACHES = caches_of("database://missing")

    assert api.get("/api/v1/status").status_code == 200
    assert "cache does not answer" in caplog.text


def test_a_counter_that_was_thrown_out_begins_again(settings):
    """A cache in memory that is full forgets some."""
    settings.CACHES = caches_of("")
    settings.CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 1}
    settings.CACHES = dict(settings.CACHES)
    for number in range(20):
        assert counters.shared.count(f"limit:{number % 3}", 60) >= 1


@pytest.mark.parametrize("url", [REDIS, "database://counters", ""])
def test_what_is_taken_back_was_not_counted(db, settings, url, rf):
    settings.CACHES = caches_of(url)
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}-{time.time_ns()}"
    settings.CACHES = dict(settings.CACHES)
    call("createcachetable")
    limit, request = Aggressive(), rf.get("/")

    def left():
        limit.check(request)
        return request.rate_limit["X-RateLimit-Remaining"]

    assert [left(), left()] == [14, 13]
    limit.take_back(request)
    del request.rate_limit
    assert left() == 13
