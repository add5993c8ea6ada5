"""Thousands of orphans are work for a worker, in pieces; nobody waits for it.

ORPHANS in the environment says how many (`make nightly` has sixty thousand).
"""

import os

import pytest
from django.test import Client

from imports.formats.orphans import orphan_id
from imports.models import Orphan
from tachi.accounts.models import Permission
from tests.attacks.many_rows import know
from tests.attacks.marks import on_linux
from tests.attacks.measured_request import MEGABYTE, measured
from tests.attacks.players import Player
from tests.attacks.query_cost import cost_of
from tests.attacks.queued import accept, has_ended
from tests.factories import (
    NOON,
    document,
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    numbers,
    play,
)
from tests.imports.queue.clusters import Cluster, wait_until

ORPHANS = int(os.environ.get("ORPHANS", 6_000))
AT_ONCE = 500  # from which on a worker does it
KNOWN = 50  # orphans whose song has appeared
ADDRESS = "/api/v1/import/orphans"


@pytest.fixture
def player(settings, db):
    """Somebody with a token for everything, and the requests they send."""
    settings.RATE_LIMITS = False
    return Player()


@pytest.fixture
def start_cluster(tmp_path, database_url):
    started = []

    def start(**settings):
        started.append(Cluster(tmp_path, database_url, **settings))
        return started[-1]

    yield start
    for cluster in started:
        cluster.end()


def make_orphans(user, count):
    """An import with so many orphans, like the one that the product made of it."""
    unknown = play(next(numbers), time=NOON)
    import_ = make_import(user, play(make_chart(), 9_000_000, NOON), unknown)
    like = Orphan.objects.get(source_import=import_)
    fields = {
        field.attname: getattr(like, field.attname)
        for field in Orphan._meta.concrete_fields
        if field.name not in ("id", "orphan_id", "position", "data")
    }
    context = fields.get("context") or {}
    orphans = []
    for position in range(2, count + 1):
        data = {**like.data, "identifier": str(next(numbers))}
        id_ = orphan_id(import_.import_type, data, context, user.pk)
        orphans.append(Orphan(orphan_id=id_, position=position, data=data, **fields))
    Orphan.objects.bulk_create(orphans, batch_size=1000)
    know(Orphan)
    return import_


def make_known(import_, count):
    """The songs of the import's first orphans appear."""
    for orphan in import_.orphans.order_by("position")[:count]:
        make_chart(song=make_song(song_id=int(orphan.data["identifier"])))


@pytest.mark.slow
@on_linux
def test_a_worker_tries_thousands_of_orphans_again(start_cluster, settings):
    settings.RATE_LIMITS = False
    player, stranger = Player(make_user()), make_user()
    import_ = make_orphans(player.user, ORPHANS)
    make_known(import_, KNOWN)
    cluster = start_cluster(workers=1, IMPORT_LEASE_SECONDS=10)
    answer = player.retry_orphans()
    assert answer.status_code == 202, answer.content[:300]
    body = answer.json()["body"]
    assert body["importID"] is None
    assert body["jobID"]
    poll = body["url"].split("testserver")[-1]
    seen = []

    def is_done():
        status = Client().get(poll).json()
        assert status["success"] is True, status
        if status["body"]["importStatus"] == "completed":
            seen.append(status["body"]["result"])
            return True
        assert status["body"]["progress"]["description"]
        return False

    # With one worker only, who is in the middle of it, a stranger does not wait.
    sent = accept(stranger, document(play(make_chart(), 9_000_000, NOON)))
    assert wait_until(lambda: has_ended(sent), 30), cluster.log
    assert not is_done()
    assert wait_until(is_done, 180), cluster.log
    assert seen[0] == {
        "processed": ORPHANS,
        "failed": ORPHANS - KNOWN,
        "success": KNOWN,
        "removed": 0,
    }
    assert import_.scores.count() == 1 + KNOWN
    assert Orphan.objects.filter(user=player.user).count() == ORPHANS - KNOWN


@pytest.mark.slow
@on_linux
def test_asking_for_it_costs_the_web_server_little(database_url, tmp_path):
    user = make_user()
    make_orphans(user, ORPHANS)
    file = tmp_path / "body"
    file.write_bytes(b"{}")
    request = {
        "method": "POST",
        "path": ADDRESS,
        "content_type": "application/json",
        "token": make_token(user, *Permission.values),
        "file": str(file),
        "cpu_limit": 60,
        "memory_limit": 4_000,
    }
    found = measured(database_url, request)
    assert found["status"] == 202, found
    assert found["bytes"] <= 100 * MEGABYTE, f"{found['bytes'] // MEGABYTE} MB"


@pytest.mark.slow
@pytest.mark.django_db
def test_asking_for_it_costs_the_same_however_many_there_are(player):
    make_orphans(player.user, AT_ONCE)
    few = cost_of(player.retry_orphans)
    more = Player(make_user())
    make_orphans(more.user, 20 * AT_ONCE)
    assert cost_of(more.retry_orphans) <= 2 * few + 1_000


@pytest.mark.slow
@pytest.mark.django_db
def test_few_orphans_are_tried_again_at_once(player):
    make_known(make_orphans(player.user, AT_ONCE - 1), 3)
    answer = player.retry_orphans()
    assert answer.status_code == 200, answer.content[:300]
    assert answer.json()["body"] == {
        "processed": AT_ONCE - 1,
        "failed": AT_ONCE - 4,
        "success": 3,
        "removed": 0,
    }
