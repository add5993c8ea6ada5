import json
import logging
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import path
from rest_framework.decorators import api_view

from imports import journal, pipeline
from imports.formats.base import ImportRefused
from imports.models import Import
from imports.queue import leases
from imports.tasks import run_import
from scores.locks import Busy
from tachi import urls as real_urls
from tachi.logs import JsonFormatter, TextFormatter, logging_settings
from tests.factories import (
    document,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
    send,
)


def fail(request):
    raise RuntimeError("the password is hunter2")


handler500 = real_urls.handler500
urlpatterns = [
    path("page", fail),
    path("api/v1/fail", api_view(["GET"])(fail)),
    *real_urls.urlpatterns,
]


@pytest.fixture(params=[TextFormatter, JsonFormatter])
def log(request, caplog):
    """What was logged since, as the site writes it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    logging.getLogger().addHandler(handler)
    with caplog.at_level(logging.INFO):
        yield lambda: stream.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def lines(caplog):
    """What was said beside the messages, since."""
    caplog.set_level(logging.INFO)

    def found(logger):
        return [each.said for each in caplog.records if each.name == logger]

    return found


@pytest.mark.django_db
def test_every_answer_has_an_id(client, settings):
    settings.ROOT_URLCONF = __name__
    settings.DEBUG = False
    client.raise_request_exception = False
    import_ = make_import(make_user(), play(make_chart()))
    poll = f"/api/v1/imports/{import_.import_id}/poll-status"
    etag = client.get(poll)["ETag"]
    asked = {
        "/api/v1/config": 200,
        "/api/v1/nothing": 404,
        "/api/v1/fail": 500,
        poll: 200,
        "/page": 500,
        "/nothing": 404,
        "/": 200,
        "/admin/login/": 200,
        "/static/admin/css/base.css": 200,
        "/health/live": 200,
        "/health/ready": 503,
        "/metrics": 404,
        "/api/v1/%00": 400,
    }
    ids = set()
    for address, status in asked.items():
        response = client.get(address)
        assert response.status_code in (status, 404), address
        assert len(response["X-Request-ID"]) == 16
        ids.add(response["X-Request-ID"])
    ids.add(client.options("/api/v1/config")["X-Request-ID"])
    known = client.get(poll, headers={"If-None-Match": etag})
    assert known.status_code == 304
    ids.add(known["X-Request-ID"])
    refused = Client(SERVER_NAME="a b").get("/admin/")
    assert refused.status_code == 400
    ids.add(refused["X-Request-ID"])
    assert len(ids) == len(asked) + 3


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [
        ("a", True),
        ("Az0._-" + 58 * "9", True),
        (65 * "a", False),
        ("", False),
        ("a b", False),
        ("a\nb", False),
        ("a\n", False),
        ("é", False),
        ("<script>", False),
    ],
)
def test_a_clients_own_id_is_taken_over_when_it_is_well_formed(client, sent, is_taken):
    response = client.get("/health/live", headers={"X-Request-ID": sent})
    assert (response["X-Request-ID"] == sent) is is_taken


@pytest.mark.django_db
def test_a_bug_shows_nothing_but_the_id(client, settings, caplog):
    settings.ROOT_URLCONF = __name__
    settings.DEBUG = False
    client.raise_request_exception = False
    for address in ("/page", "/api/v1/fail"):
        response = client.get(address, headers={"X-Request-ID": "mine"})
        assert response.status_code == 500
        assert "hunter2" not in response.text
        assert response["X-Request-ID"] == "mine"
    assert "mine" in client.get("/page", headers={"X-Request-ID": "mine"}).text
    assert "hunter2" in caplog.text  # the traceback


@pytest.mark.django_db
def test_a_line_for_each_request_says_what_it_was_and_not_what_it_carried(
    api, user, log
):
    secret = make_token(user, "submit_score")
    hostile = "/nothing/%0A%1B[31mERROR/‮?password=hunter2"
    api.get(hostile, token=secret, headers={"X-Request-ID": "mine"})
    api.client.cookies["SESSION"] = "hunter2"
    api.delete(f"/api/v1/users/me/api-tokens/{secret}", token=secret)
    api.get("/api/v1/users/me", token=secret)
    api.post("/api/v1/auth/login", {"username": "x", "password": "hunter2"})
    text = "\n".join(log())
    for kept in ("hunter2", secret, "\x1b", "‮"):
        assert kept not in text
    of_requests = [line for line in log() if "tachi.requests" in line]
    assert len(of_requests) == 4
    assert "mine" in of_requests[0]
    assert "/nothing/%0A%1B" in of_requests[0]
    assert "/api-tokens/…" in of_requests[1]


@pytest.mark.django_db
def test_a_line_as_json_has_a_key_for_each_thing(api, user, caplog, lines):
    token = make_token(user)
    api.get("/api/v1/users/me", token=token, headers={"X-Request-ID": "mine"})
    [said] = lines("tachi.requests")
    assert said["path"] == "/api/v1/users/me"
    assert (said["method"], said["status"], said["userID"]) == ("GET", 200, user.pk)
    assert said["statements"] >= 1
    assert said["milliseconds"] > 0


def test_lines_are_json_whatever_they_say():
    formatter = JsonFormatter()
    for text in ("plain", "line\nbreak", "\ud800", "‮", 'quo"te'):
        record = logging.makeLogRecord({"msg": text, "said": {"path": text}})
        formatted = formatter.format(record)
        assert "\n" not in formatted
        assert json.loads(formatted)["path"] in (text, "�")
    try:
        raise ValueError("a bug")
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": "x", "exc_info": (ValueError, error, error.__traceback__)}
        )
    assert "a bug" in json.loads(formatter.format(record))["exception"]


def test_a_format_that_is_none_is_said_at_once():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT"):
        logging_settings("xml", "INFO")


def upload(api, user, body, id_):
    return api.post(
        "/ir/direct-manual/import",
        body,
        token=make_token(user, "submit_score"),
        headers={"X-Request-ID": id_},
    )


@pytest.mark.django_db
def test_an_imports_life_is_told_under_the_id_of_its_request(
    api, user, chart, lines, log
):
    sent = document(play(chart))
    assert upload(api, user, sent, "mine").status_code == 202
    run_import(Import.objects.get().pk)  # as a worker does
    accepted, ended = lines("imports.journal")
    import_ = Import.objects.get()
    told = [line for line in log() if "imports.journal" in line]
    assert len(told) == 2
    assert all("mine" in line for line in told)
    assert accepted["event"] == "accepted"
    assert {each["importID"] for each in (accepted, ended)} == {import_.import_id}
    assert (ended["outcome"], ended["counts"]) == ("completed", import_.counts)
    assert ended["importType"] == "ir/direct-manual"
    assert (ended["userID"], ended["milliseconds"] > 0) == (user.pk, True)


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["refused", "failed", "superseded"])
def test_how_an_import_ended_otherwise_is_told_too(
    user, chart, lines, monkeypatch, outcome
):
    errors = {
        "refused": ImportRefused("No."),
        "failed": RuntimeError("a bug"),
        "superseded": leases.Superseded("x"),
    }

    def read(*args):
        raise errors[outcome]

    import_ = send(user, document(play(chart)))
    monkeypatch.setattr(pipeline, "read", read)
    pipeline.run_inline(import_)
    assert [each["outcome"] for each in lines("imports.journal")[1:]] == [outcome]


@pytest.mark.django_db
def test_one_that_is_cut_off_is_told_to_be(user, lines):
    with pytest.raises(Busy), journal.run_of(make_row(user, request_id="mine")):
        raise Busy("for too long")
    assert lines("imports.journal")[0]["outcome"] == "cut_off"
