"""While the database is away every view says 503, and afterwards all is as before."""

import re
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse

from imports.models import Import, State
from imports.pages import urls as site_pages
from tachi.accounts.models import Permission
from tests.attacks.players import Player
from tests.attacks.queued import accept, has_ended
from tests.attacks.web_server import WebServer, free_port
from tests.factories import (
    NOON,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.queue.answers import is_unavailable
from tests.imports.queue.clusters import reads_proc, wait_until
from tests.imports.queue.proxy import Proxy
from tests.imports.site import INNARDS

pytestmark = pytest.mark.postgresql

GROUP = re.compile(r"\(\?P<\w+>[^)]*\)|<\w+>")
#: An address whose view may answer without knowing who asks, or whether it exists.
#: USC-IR answers 200 whatever happens, with a status of its own (test_usc.py).
OWN_PROTOCOL = "/ir/usc/"
WITHOUT_DATABASE = ("health/live", "metrics", "docs", "openapi", "schemas", "cdn")
AWAY = 8  # seconds: four leases


@contextmanager
def no_database():
    """Nobody listens where the database was."""
    usual = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = free_port()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = usual


def addresses():
    """Every address of the API, with something in place of what it names."""
    found = []

    def walk(resolver, prefix):
        for each in resolver.url_patterns:
            path = prefix + GROUP.sub("1", str(each.pattern)).strip("^").rstrip("?$")
            if isinstance(each, URLPattern):
                found.append("/" + path.rstrip("/"))
            else:
                walk(each, path)

    walk(get_resolver(), "")
    return [
        path
        for path in found
        if path.startswith(("/api/v1/", "/ir/"))
        and "(" not in path
        and not path.startswith(OWN_PROTOCOL)
        and not any(part in path for part in WITHOUT_DATABASE)
    ]


ADDRESSES = addresses()


def test_the_addresses_of_the_api_are_found():
    assert len(ADDRESSES) > 30
    for each in ("/api/v1/import/file", "/api/v1/imports/1/poll-status"):
        assert each in ADDRESSES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ADDRESSES)
def test_every_view_of_the_api_says_that_it_is_unavailable(player, path):
    with no_database():
        answers = {
            method: player.ask(method, path, {} if method != "GET" else None)
            for method in ("GET", "POST", "PATCH", "DELETE")
        }
    unavailable = [method for method in answers if is_unavailable(answers[method])]
    others = {
        method: answer.status_code
        for method, answer in answers.items()
        if method not in unavailable
    }
    assert unavailable, others
    # A method that the view does not have may be refused without asking who it is.
    assert set(others.values()) <= {404, 405}, others
    assert player.ask("GET", "/api/v1/status").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_uploads_and_polls_say_that_they_are_unavailable(player):
    import_ = make_import(player.user, play(make_chart(), 9_000_000, NOON))
    sent = document(play(make_chart(), 9_000_000, NOON))
    with no_database():
        assert is_unavailable(player.upload(sent))
        assert is_unavailable(player.submit(sent))
        assert is_unavailable(player.poll(import_))
        assert is_unavailable(player.revert(import_))
        assert is_unavailable(player.retry_orphans())
    assert player.poll(import_).status_code == 200
    assert Import.objects.count() == 1
    assert player.upload(sent).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_session_is_no_less_unavailable_than_a_token(api, user):
    api.client.raise_request_exception = False
    api.login(user)
    with no_database():
        assert is_unavailable(api.get("/api/v1/users/me"))
        assert is_unavailable(api.get("/api/v1/imports"))
        body = {"username": user.username, "!password": "correct horse", "captcha": ""}
        assert is_unavailable(api.post("/api/v1/auth/login", body))


def admin_pages():
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    return [reverse("admin:index"), reverse("admin:password_change"), *lists]


@pytest.mark.django_db(transaction=True)
def test_pages_of_the_admin_say_it_plainly(moderator, client):
    client.raise_request_exception = False
    import_ = make_import(make_user(), play(make_chart(), 9_000_000, NOON))
    one = reverse("admin:imports_import_change", args=[import_.pk])
    found = {}
    with no_database():
        for path in [*admin_pages(), one]:
            found[path] = client.get(path)
    for path, answer in found.items():
        assert answer.status_code == 503, (path, answer.status_code)
        assert int(answer["Retry-After"]) >= 1
        assert answer["Content-Type"].startswith("text/")
        told = answer.content.decode()
        assert len(told) < 10_000
        assert not INNARDS.search(told), told
    assert client.get(one).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_pages_of_owners_say_it_plainly(client):
    """All of them, to who was signed in: no form of theirs is lost without a word."""
    client.raise_request_exception = False
    owner = make_user()
    client.force_login(owner)
    import_ = make_import(owner, play(make_chart(), 9_000_000, NOON))
    paths = [
        "/" + GROUP.sub("1", str(each.pattern)).replace("<int:pk>", "1")
        for each in site_pages.urlpatterns
        if each.name and each.name != "sign_out"
    ]
    one = f"/imports/{import_.import_id}/"
    assert len(paths) > 15
    with no_database():
        asked = {path: client.get(path) for path in [*paths, one]}
        sent = {path: client.post(path, {"reason": "x"}) for path in [*paths, one]}
    found = [*asked.items(), *sent.items()]
    others = {path: a.status_code for path, a in found if a.status_code != 503}
    assert set(others.values()) <= {405}, others  # asked by a method it does not have
    for path, answer in found:
        told = answer.content.decode()
        assert not INNARDS.search(told), (path, told)
        if answer.status_code == 503:
            assert "The database cannot be reached just now." in told, path
            assert "<h1>Not just now</h1>" in told, path
            assert int(answer["Retry-After"]) >= 1
    assert all(asked[path].status_code == 503 for path in ("/", "/imports/", one))
    assert client.get(one).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_whoever_logs_in_to_the_admin_is_told_plainly(client):
    client.raise_request_exception = False
    with no_database():
        answer = client.post(
            reverse("admin:login"), {"username": "a", "password": "correct horse"}
        )
    assert answer.status_code == 503
    assert not INNARDS.search(answer.content.decode())


@pytest.mark.django_db(transaction=True)
def test_it_is_logged_in_one_line(player, caplog):
    with no_database():
        assert is_unavailable(player.ask("GET", "/api/v1/status"))
    loud = [each for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")]
    assert len(loud) <= 1
    assert not any(each.exc_info and each.name == "django.request" for each in loud)


@pytest.fixture
def proxy(database_url):
    place = urlsplit(database_url)
    proxy = Proxy(place.hostname, place.port)
    yield proxy
    proxy.shut()


def through(proxy, database_url):
    place = urlsplit(database_url)
    login = place.netloc.rpartition("@")[0]
    return place._replace(netloc=f"{login}@127.0.0.1:{proxy.port}").geturl()


@pytest.mark.slow
@reads_proc
def test_a_web_server_is_there_again_as_soon_as_the_database_is(
    tmp_path, database_url, proxy
):
    token = make_token(make_user(), *Permission.values)
    import_ = make_import(make_user(), play(make_chart(), 9_000_000, NOON))
    poll = f"/api/v1/imports/{import_.import_id}/poll-status"
    web = WebServer(tmp_path, through(proxy, database_url), workers=2)
    try:
        for _ in range(4):  # every process has a connection
            assert web.ask("GET", "/api/v1/status", token=token).status == 200
        proxy.shut()
        for path in (poll, "/api/v1/status", "/api/v1/imports") * 4:
            answer = web.ask("GET", path, token=token)
            assert answer.status == 503, (path, answer.text[:300])
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json["success"] is False
        proxy.open()
        again = [web.ask("GET", poll).status for _ in range(8)]
        # A connection that was lost while idle may be noticed by its next request.
        assert again[-4:] == [200] * 4, again
    finally:
        web.end()
    assert "Traceback" not in web.log


@pytest.mark.slow
@reads_proc
def test_a_database_that_was_away_costs_no_attempt(start_cluster, database_url, proxy):
    """With one attempt each: one that counted would have been the last."""
    cluster = start_cluster(
        database_url=through(proxy, database_url), workers=2, IMPORT_ATTEMPTS=1
    )
    there = cluster.supervisor.pid
    chart = make_chart()
    imports = [
        accept(
            Player(make_user()).user,
            document(play(chart, 9_000_000 + n, NOON)),
            user_agent="work 3" if n < 2 else "",
        )
        for n in range(6)
    ]
    assert wait_until(lambda: cluster.times_begun(imports[1]), 20), cluster.log
    for _ in range(2):
        proxy.shut()
        time.sleep(AWAY)
        proxy.open()
        time.sleep(0.5)
    assert wait_until(lambda: all(map(has_ended, imports)), 90), cluster.log
    assert {import_.state for import_ in imports} == {State.COMPLETED}, [
        (import_.error_text, import_.error_detail[-300:]) for import_ in imports
    ]
    assert [import_.scores.count() for import_ in imports] == [1] * 6
    assert cluster.supervisor.poll() is None
    assert cluster.supervisor.pid == there
