"""Figures of several processes, and ids where no application has seen the request."""

import re

import pytest

from tests.commands import run
from tests.web.servers import OURS, connected, get, gunicorn, head
from tests.web.servers import answer as answer_on

pytestmark = pytest.mark.slow

CONFIG = re.compile(
    r'tachi_requests_total{method="GET",route="api/v1/config",status="2xx"} (\d+)'
)


def counted(port):
    return int(float(CONFIG.search(get(port, "/metrics").content.decode())[1]))


def test_processes_count_together_and_nothing_is_lost_with_one(database_url, tmp_path):
    on = {"METRICS": "on", "METRICS_DIR": str(tmp_path), "WEB_WORKERS": "2"}
    with gunicorn(database_url, *OURS, **on) as server:
        for _ in range(40):
            get(server.port, "/api/v1/config")
        assert {counted(server.port) for _ in range(10)} == {40}
        assert get(server.port, "/health/live").headers["x-request-id"]
        with connected(server.port) as client:
            client.sendall(head("GET", "/", Content_Length="x", X_Request_ID="mine"))
            refused = answer_on(client)
        assert (refused.status, refused.headers["x-request-id"]) == (400, "mine")
    with gunicorn(database_url, *OURS, **on) as server:
        get(server.port, "/api/v1/config")
        assert counted(server.port) == 41
        files = len(list(tmp_path.glob("*.db")))
    run(database_url, "queue_status", **on)
    assert len(list(tmp_path.glob("*.db"))) == files <= 6
