"""DEBUG is on by default, for a try on one's own machine: others are warned of."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from tachi import gunicorn
from tachi.api.debug import WarnOfDebug


def started(*addresses):
    """What gunicorn logs that is to listen there."""
    said = []
    log = SimpleNamespace(critical=said.append)
    cfg = SimpleNamespace(address=list(addresses))
    gunicorn.on_starting(SimpleNamespace(cfg=cfg, log=log))
    return said


@pytest.mark.parametrize("address", [("0.0.0.0", 80), ("::", 80), ("192.0.2.1", 80)])
def test_a_web_server_that_others_can_reach_warns(settings, address):
    assert started(address) == []
    settings.DEBUG = True

    (text,) = started(("127.0.0.1", 80), address)

    assert "DEBUG is on" in text
    assert address[0] in text


def test_on_this_machine_nothing_is_said(settings):
    settings.DEBUG = True
    here = [("127.0.0.1", 80), ("localhost", 80), ("::1", 80), "/run/tachi.sock"]
    assert started(*here) == []


@pytest.mark.parametrize(
    ("asked", "sender", "warned"),
    [
        ("localhost:8000", "127.0.0.1", False),
        ("tachi.localhost", "::1", False),
        ("127.0.0.1:8000", "localhost", False),
        ("[::1]:8000", "::ffff:127.0.0.1", False),
        ("tachi.example", "127.0.0.1", True),
        ("localhost", "192.0.2.7", True),
        ("localhost.evil.example:80", "127.0.0.1", True),
    ],
)
def test_a_request_from_elsewhere_is_warned_of_once(
    settings, caplog, asked, sender, warned
):
    settings.DEBUG = True
    server = WarnOfDebug(lambda request: HttpResponse())
    for _ in range(3):
        server(RequestFactory().get("/", headers={"Host": asked}, REMOTE_ADDR=sender))

    assert len(caplog.records) == warned


def test_a_site_does_not_look_at_every_request_for_that(settings):
    settings.DEBUG = False
    with pytest.raises(MiddlewareNotUsed):
        WarnOfDebug(lambda request: HttpResponse())
