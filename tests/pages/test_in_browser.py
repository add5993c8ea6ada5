"""Every page in a real browser, at a desk and on a phone, in light and dark colours.

`tour.py` finds the pages. Of each:

* axe-core finds nothing serious or critical;
* nothing is to be scrolled sideways, and at a desk no text is cut off;
* the browser has nothing to complain about, our Content-Security-Policy in particular;
* the page and all that it loads are below 150 KB, added up as they are when unzipped: a
  site with docs/nginx.conf sends a quarter of it.

The API reference has tests of its own (`tests/test_docs_in_browser.py`): it is one
large script of others.
"""

import os
import time
from collections import Counter

import pytest

from tests.browser import chromium
from tests.pages import known
from tests.pages.tour import Tour
from tests.pages.window import Window
from tests.pages.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KINDS = ("guest", "busy", "player", "moderator", "superuser")
NOT_OURS = "/api/docs"


def test_every_page_can_be_read_by_everybody(live_server, tmp_path, settings):
    settings.RATE_LIMITS = False
    world, met, found, looked_at = make_world(), Counter(), [], 0
    with chromium(tmp_path, 1280, 800) as driver:
        window = Window(driver, live_server.url)
        for kind in KINDS:
            t0 = time.time()
            client = world.client(kind)
            tour = Tour(client, signed_in=kind != "guest", met=met).go()
            print(kind, "tour", time.time() - t0, tour.requests, len(tour.stops))
            window.sign_in(client)
            for stop in tour.stops:
                t0 = time.time()
                if stop.address.startswith(NOT_OURS):
                    continue
                window.open(stop)
                looked_at += 1
                faults = window.faults()
                print(f"{time.time() - t0:.2f}", kind, stop, faults)
                found += [f"{kind} {stop} {each}" for each in faults]
    assert found == []
