"""A read costs what it shows, not what there is."""

import sys

import pytest

from imports.models import Import, State
from scores.models import Score, Session, SessionEdit
from tests.attacks.limits import cpu_limit
from tests.attacks.many_rows import (
    copy_score,
    know,
    make_imports,
    make_session_edits,
    make_sessions,
    one_score_of,
)
from tests.attacks.measured_request import MEGABYTE, measured
from tests.attacks.players import Player
from tests.attacks.query_cost import (
    cost_of,
    nodes_of,
    plans_of,
    rows_of,
    statements_of,
)
from tests.factories import NOON, make_chart, make_import, make_user, play
from tests.imports.scratch import scratch_database

EDITS, SESSIONS, SCORES = 400, 20_000, 20_000
MOST_STATEMENTS = 15
MOST_SORTED = 1_000  # rows, for a list of a hundred


@pytest.fixture
def player(settings, db):
    settings.RATE_LIMITS = False
    return Player()


@pytest.fixture
def database_url(tmp_path, django_db_blocker):
    """Of a database that another process can read; it is the default one now."""
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        yield url


def reader(player, path):
    """Asks for it, and sees that it is given."""

    def read():
        answer = player.ask("GET", path)
        assert answer.status_code == 200, answer.content[:300]
        return answer.json()["body"]

    return read


def of_player(player, rest):
    return f"/api/v1/users/{player.user.pk}/games/sdvx/Single/{rest}"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("which", ["recent", "best"])
def test_lists_of_sessions_do_not_compare_each_edit_with_each_session(player, which):
    one_score_of(player.user, make_chart())
    make_sessions(player.user, SESSIONS)
    make_session_edits(player.user, EDITS, days=SESSIONS)
    know(Session, SessionEdit, Score)
    read = reader(player, of_player(player, f"sessions/{which}"))
    with cpu_limit(5):
        assert len(read()) == 100


@pytest.mark.slow
@pytest.mark.django_db
def test_recent_sessions_cost_the_same_however_many_there_are(player):
    one_score_of(player.user, make_chart())
    make_sessions(player.user, SESSIONS // 20)
    make_session_edits(player.user, EDITS, days=SESSIONS // 20)
    know(Session, SessionEdit, Score)
    read = reader(player, of_player(player, "sessions/recent"))
    few = cost_of(read)
    make_sessions(player.user, SESSIONS - SESSIONS // 20, first=SESSIONS // 20)
    know(Session, SessionEdit, Score)
    with cpu_limit(60):
        assert cost_of(read) <= 2 * few + 1_000


@pytest.mark.django_db
def test_an_edit_still_finds_the_session_within_its_reach(player):
    one_score_of(player.user, make_chart())
    make_sessions(player.user, 30)
    make_session_edits(player.user, 10, days=30)
    names = [
        each["name"] for each in reader(player, of_player(player, "sessions/recent"))()
    ]
    assert sum(name.startswith("My session ") for name in names) == 10


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["scores/recent", "pbs/best"])
def test_lists_of_a_hundred_cost_the_same_however_much_was_played(player, path):
    template = one_score_of(player.user, make_chart())
    own = template.source_import_id
    copy_score(template, range(1, SCORES // 10), own)
    know(Score)
    read = reader(player, of_player(player, path))
    few = cost_of(read)
    copy_score(template, range(SCORES // 10, SCORES), own)
    know(Score)
    assert cost_of(read) <= 2 * few + 1_000
    assert statements_of(read) <= MOST_STATEMENTS


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.postgresql
def test_recent_scores_come_sorted_from_an_index(player):
    template = one_score_of(player.user, make_chart())
    copy_score(template, range(1, SCORES), template.source_import_id)
    know(Score)
    read = reader(player, of_player(player, "scores/recent"))
    assert len(read()["scores"]) == 100
    for plan in plans_of(read):
        for node in nodes_of(plan):
            if node["Node Type"] in ("Sort", "Incremental Sort"):
                assert sum(map(rows_of, node["Plans"])) <= MOST_SORTED, node["Sort Key"]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("imports", State.COMPLETED),
        ("imports/failed", State.FAILED),
        ("users/me/imports", State.COMPLETED),
        ("users/me/imports/failed", State.FAILED),
    ],
)
def test_lists_of_imports_cost_the_same_however_many_there_are(player, path, state):
    make_imports(player.user, 600, state)
    know(Import)
    read = reader(player, f"/api/v1/{path}")
    few = cost_of(read)
    make_imports(player.user, 6_000, state)
    know(Import)
    assert cost_of(read) <= 2 * few + 1_000
    assert statements_of(read) <= MOST_STATEMENTS


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_list_of_imports_with_300000_scores_fits_into_memory(database_url):
    user = make_user()
    template = one_score_of(user, make_chart())
    first, *_ = imports = make_imports(user, 500)
    assert imports[-1].pk == first.pk + 499
    copy_score(template, range(300_000), first.pk, each=600)
    know(Score, Import)
    request = {
        "method": "GET",
        "path": "/api/v1/imports",
        "content_type": "",
        "token": "",
        "file": "/dev/null",
        "cpu_limit": 60,
        "memory_limit": 4_000,
    }
    found = measured(database_url, request)
    assert found["status"] == 200, found["body"]
    assert found["bytes"] <= 100 * MEGABYTE, f"{found['bytes'] // MEGABYTE} MB"


@pytest.mark.django_db
@pytest.mark.parametrize("rest", ["", "/poll-status"])
def test_what_is_known_already_is_not_sent_again(player, rest):
    chart = make_chart()
    import_ = make_import(
        player.user, *[play(chart, 9_000_000 + n, NOON) for n in range(50)]
    )
    path = f"/api/v1/imports/{import_.import_id}{rest}"
    first = player.ask("GET", path)
    assert first.status_code == 200
    known = {"If-None-Match": first["ETag"]}
    again = player.ask("GET", path, **known)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert player.revert(import_).status_code == 200
    assert player.ask("GET", path, **known).status_code == 404


@pytest.mark.django_db
def test_what_changed_is_sent_again(player):
    """A later import takes nothing of the first, but a deletion does."""
    import_ = make_import(player.user, play(make_chart(), 9_000_000, NOON))
    path = f"/api/v1/imports/{import_.import_id}/poll-status"
    first = player.ask("GET", path)
    assert player.delete(import_.scores.get()).status_code == 200
    again = player.ask("GET", path, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again.json()["body"]["import"]["scoreIDs"] == []
    assert again["ETag"] != first["ETag"]
