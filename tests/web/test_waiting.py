"""Who waits for a player's lock keeps nobody else waiting, and does not wait long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import global_settings
from django.db import connection

from imports.models import Import, Orphan
from scores.models import Score
from tachi.accounts.models import Permission
from tests.attacks.backends import other_connection
from tests.attacks.queued import accept, has_ended, work_on
from tests.attacks.triggers import slow_write
from tests.attacks.web_server import WebServer
from tests.factories import (
    NOON,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.queue.clusters import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

PASSWORD = "correct horse"
WRITE = 12  # seconds
WAIT = 1  # seconds that a request waits for a lock
GRACE = 2  # seconds for everything else, on a busy machine
REVERTS = 8


@pytest.fixture(scope="module")
def web(tmp_path_factory, database_url):
    server = WebServer(tmp_path_factory.mktemp("web"), database_url, workers=4)
    yield server
    server.end()


@pytest.fixture
def owner(web, settings):
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the server's
    return make_user(password=PASSWORD)


@pytest.fixture
def token(owner):
    return make_token(owner, *Permission.values)


@pytest.fixture
def old(owner):
    """An import that is done: a score, and a row that names no song."""
    return make_import(owner, play(make_chart(), 9_000_000, NOON), play(4444))


@contextmanager
def being_written(user):
    """An import of the user is written for a long time; yields whether it still is."""
    import_ = accept(user, document(play(make_chart(), 9_500_000, NOON)))

    def work():
        work_on(import_)
        connection.close()

    thread = threading.Thread(target=work)
    with slow_write("scores_score", WRITE):
        thread.start()
        assert wait_until(somebody_sleeps)
        try:
            yield lambda: not has_ended(import_)
        finally:
            thread.join()
    import_.refresh_from_db()
    assert import_.scores.count() == 1


def somebody_sleeps():
    with other_connection() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def busy(answer):
    """409 in the envelope, soon, with the time after which to try again."""
    assert answer.status == 409, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json["success"] is False
    assert answer.json["description"]
    return answer


def at_once(*requests):
    with ThreadPoolExecutor(len(requests)) as pool:
        return [future.result() for future in [pool.submit(each) for each in requests]]


def test_eight_reverts_of_a_busy_player_keep_nobody_waiting(web, owner, token, old):
    path = f"/api/v1/imports/{old.import_id}/revert"

    def revert():
        return web.ask("POST", path, {}, token)

    def others():
        """What somebody else sees meanwhile."""
        found = []
        for _ in range(6):
            found.append(web.ask("GET", "/api/v1/status"))
            time.sleep(0.3)
        return found

    with being_written(owner) as is_still_written:
        *reverts, others = at_once(*[revert] * REVERTS, others)
        # On four processes without threads, the last four have waited for the first.
        times = sorted(answer.seconds for answer in reverts)
        assert times[0] <= WAIT + GRACE, times
        assert times[-1] <= 2 * WAIT + GRACE, times
        assert all(map(busy, reverts))
        assert [answer.status for answer in others] == [200] * 6
        worst = max(answer.seconds for answer in others)
        assert worst <= WAIT + GRACE, f"/status took {worst:.1f} s"
        assert is_still_written()
    assert Import.objects.get(pk=old.pk).state == "completed"
    assert revert().status == 200


@pytest.mark.parametrize("what", ["delete", "edit", "orphans"])
def test_other_changes_of_a_busy_player_are_told_to_come_again(
    web, owner, token, old, what
):
    score = Score.objects.get(source_import=old)
    Orphan.objects.filter(source_import=old).update(
        data={**Orphan.objects.get(source_import=old).data, "score": -1}
    )
    method, path, body = {
        "delete": ("DELETE", f"/api/v1/scores/{score.score_id}", {}),
        "edit": ("PATCH", f"/api/v1/scores/{score.score_id}", {"highlight": True}),
        "orphans": ("POST", "/api/v1/import/orphans", {}),
    }[what]
    with being_written(owner) as is_still_written:
        answer = web.ask(method, path, body, token)
        if what != "orphans" or answer.status == 409:  # none may have anything to do
            busy(answer)
        assert answer.seconds <= WAIT + GRACE
        assert is_still_written()
    assert web.ask(method, path, body, token).status == 200


def test_login_does_not_wait_for_the_players_lock(web, owner):
    body = {"username": owner.username, "!password": PASSWORD, "captcha": "x"}
    usual = web.ask("POST", "/api/v1/auth/login", body)
    assert usual.status == 200, usual.text
    with being_written(owner) as is_still_written:
        answer = web.ask("POST", "/api/v1/auth/login", body)
        assert answer.status == 200, answer.text
        assert answer.seconds <= usual.seconds + GRACE
        assert is_still_written()


def test_login_does_not_wait_for_charts_that_change(web, owner):
    """Nor for whoever is rated anew after them, under the same locks."""
    body = {"username": owner.username, "!password": PASSWORD, "captcha": "x"}
    with other_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "SELECT FROM accounts_user WHERE id = %s FOR NO KEY UPDATE", [owner.pk]
        )
        answer = web.ask("POST", "/api/v1/auth/login", body)
        cursor.execute("ROLLBACK")
    assert answer.status == 200, answer.text
    assert answer.seconds <= 5


def test_reading_does_not_wait_for_the_players_lock(web, owner, token, old):
    reads = (
        "/api/v1/status",
        f"/api/v1/imports/{old.import_id}",
        f"/api/v1/imports/{old.import_id}/poll-status",
        f"/api/v1/users/{owner.pk}/games/sdvx/Single",
        f"/api/v1/users/{owner.pk}/games/sdvx/Single/scores/recent",
    )
    with being_written(owner) as is_still_written:
        for path in reads:
            answer = web.ask("GET", path, token=token)
            assert answer.status == 200, (path, answer.text)
            assert answer.seconds <= GRACE, path
        assert is_still_written()


def test_an_upload_does_not_wait_for_the_import_that_is_written(web, owner, token):
    sent = document(play(make_chart(), 9_900_000, NOON))
    with being_written(owner) as is_still_written:
        answer = web.ask("POST", "/ir/direct-manual/import", sent, token)
        assert answer.status == 202, answer.text
        assert answer.seconds <= GRACE
        assert is_still_written()
