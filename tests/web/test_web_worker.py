"""The web server as `make run` and a site start it, with clients of all kinds."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tachi.web_worker import without_forged_addresses
from tests.factories import document, make_chart, make_token, make_user, play
from tests.web.servers import (
    answer,
    as_bytes,
    connected,
    form,
    get,
    gunicorn,
    head,
    post,
)
from tests.web.slow_clients import KINDS, slow_clients

pytestmark = pytest.mark.slow
STATUS = "/api/v1/status"
UPLOAD = "/api/v1/import/file"
MIB = 1024 * 1024
AT_ONCE = 2  # seconds: far above what it takes, far below what a slow client takes


@pytest.fixture(scope="module")
def server(database_url):
    with gunicorn(database_url) as process:
        yield process


@pytest.fixture
def token(database_url):
    return make_token(make_user(), "submit_score")


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_slow_clients_hold_up_nobody(server, kind):
    with slow_clients(server.port, kind, 100):
        time.sleep(0.5)
        for _ in range(10):
            assert get(server.port, STATUS, timeout=AT_ONCE).status == 200


def test_a_slow_client_is_answered_in_the_end(server, token):
    body = b'{"meta": {}}'
    headers = {"Content_Type": "application/json", "Authorization": f"Bearer {token}"}
    sent = head("POST", "/ir/direct-manual/import", Content_Length=len(body), **headers)
    with connected(server.port) as client:
        for byte in sent + body:
            client.send(bytes([byte]))
            time.sleep(0.002)
        assert answer(client).status == 202


@pytest.mark.parametrize(
    "path", [STATUS, "/admin/login/", "/api/v1/no", "/static/admin/css/base.css"]
)
def test_a_connection_is_kept_and_head_has_no_body(server, path):
    with connected(server.port) as client:
        for _ in range(3):
            client.sendall(head("HEAD", path))
            of_head = answer(client, of_head=True)
            client.sendall(head("GET", path))
            of_get = answer(client)
            assert of_head.status == of_get.status
            assert len(of_get.content) == int(of_get.headers["content-length"]) > 0


def upload_headers(token, content_type, **more):
    authorization = f"Bearer {token}"
    return {"Content_Type": content_type, "Authorization": authorization, **more}


@pytest.mark.parametrize("size", [1, 15 * MIB])
def test_a_file_is_taken_up_to_the_limit(server, token, size):
    file = b" " * size + as_bytes(document(play(make_chart())))
    body, content_type = form(file)

    taken = post(server.port, UPLOAD, body, **upload_headers(token, content_type))

    assert taken.status == 202, taken.content
    poll = get(
        server.port, f"/api/v1/imports/{taken.json()['body']['importID']}/poll-status"
    )
    assert poll.json()["body"]["importStatus"] == "ongoing"


def test_a_body_without_a_length_comes_in_chunks(server, token):
    body, content_type = form(as_bytes(document(play(make_chart()))))
    headers = upload_headers(token, content_type, Transfer_Encoding="chunked")
    with connected(server.port) as client:
        client.sendall(head("POST", UPLOAD, **headers))
        for start in range(0, len(body), 50):
            piece = body[start : start + 50]
            client.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        client.sendall(b"0\r\n\r\n")
        assert answer(client).status == 202


def test_a_client_that_asks_whether_to_go_on_is_told_so(server, token):
    body, content_type = form(as_bytes(document(play(make_chart()))))
    headers = upload_headers(token, content_type, Expect="100-continue")
    with connected(server.port) as client:
        client.sendall(head("POST", UPLOAD, Content_Length=len(body), **headers))
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(body)
        assert answer(client).status == 202


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (head("POST", UPLOAD, Content_Length=10**12), 413),
        (head("POST", UPLOAD, Content_Length="a lot"), 400),
        (head("GET", STATUS, Cookie="x" * 70_000), 431),
        (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (head("POST", UPLOAD, Transfer_Encoding="gzip"), 501),
    ],
)
def test_what_is_not_to_be_read_is_refused_in_the_envelope(server, request_, status):
    with connected(server.port) as client:
        client.sendall(request_)
        refused = answer(client)
    assert refused.status == status
    assert refused.json().keys() == {"success", "description"}
    assert refused.json()["success"] is False
    assert refused.headers["access-control-allow-origin"] == "*"


def test_a_request_at_work_is_answered_before_the_server_ends(database_url):
    with gunicorn(database_url, application="tests.web.sleepy:application") as process:
        with connected(process.port) as client:
            client.sendall(head("GET", "/?sleep=1.5"))
            time.sleep(0.5)
            process.terminate()
            assert answer(client).content == b"Good morning."
        assert process.wait(10) == 0


def test_idle_and_slow_connections_do_not_keep_the_server_from_ending(database_url):
    with (
        gunicorn(database_url) as process,
        slow_clients(process.port, "slow headers", 5),
    ):
        began = time.monotonic()
        process.terminate()
        process.wait(10)
        assert time.monotonic() - began < 5


def test_a_worker_that_is_killed_is_replaced(database_url):
    with gunicorn(database_url, WEB_WORKERS="1") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (worker,) = children.read_text().split()
        os.kill(int(worker), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                assert get(process.port, STATUS, timeout=5).status == 200
                break
            except (OSError, IndexError):
                time.sleep(0.1)
        else:
            raise AssertionError("It was not replaced.")


def test_threads_work_beside_each_other(database_url):
    options = {"application": "tests.web.sleepy:application", "WEB_WORKERS": "1"}
    with gunicorn(database_url, **options) as process:
        began = time.monotonic()
        asking = [
            threading.Thread(target=get, args=(process.port, "/?sleep=1"))
            for _ in range(4)
        ]
        for each in asking:
            each.start()
        for each in asking:
            each.join()
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("proxies", "behind", "believed"),
    [
        ("127.0.0.1,::1", "on", True),
        ("192.0.2.0/24", "on", False),
        ("*", "on", True),
        ("*", "off", False),
    ],
)
def test_an_address_is_believed_from_a_proxy_of_ours_only(
    database_url, proxies, behind, believed
):
    environment = {"RATE_LIMITS": "on", "RATE_LIMIT": "3", "NUM_PROXIES": "1"}
    environment |= {"BEHIND_PROXY": behind}
    environment |= {"WEB_WORKERS": "1", "FORWARDED_ALLOW_IPS": proxies}
    with gunicorn(database_url, **environment) as process:
        statuses = {
            get(process.port, STATUS, X_Forwarded_For=f"198.51.100.{n}").status
            for n in range(8)
        }
    assert statuses == ({200} if believed else {200, 429})


def test_who_comes_through_a_unix_socket_is_believed():
    def application(environ, start_response):
        return [environ.get("HTTP_X_FORWARDED_FOR", "").encode()]

    filtered = without_forged_addresses(application, ["192.0.2.1"])
    said = {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}

    assert filtered({"REMOTE_ADDR": "localhost", **said}, None) == [b"198.51.100.1"]
    assert filtered({"REMOTE_ADDR": "192.0.2.1", **said}, None) == [b"198.51.100.1"]
    assert filtered({"REMOTE_ADDR": "192.0.2.2", **said}, None) == [b""]
