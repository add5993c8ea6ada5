"""Every page in a real browser, at a desk and on a phone, in light and dark colours.

`tour.py` finds the pages, `window.py` looks at them. Of each:

* axe-core finds nothing serious or critical;
* nothing is to be scrolled sideways, and no text is cut off;
* the browser has nothing to complain about, our Content-Security-Policy in particular;
* the page and all that it loads are below 150 KB, added up as they are when unzipped: a
  site behind docs/nginx.conf sends about a quarter of that.

The API reference has tests of its own (`tests/test_docs_in_browser.py`): it is one
large script of others.
"""

import re
from collections import Counter

import pytest

from tests.browser import chromium
from tests.pages.tour import Tour
from tests.pages.window import Window
from tests.pages.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KINDS = ("guest", "busy", "player", "moderator", "superuser")
NOT_OURS = "/api/docs"
#: Pages that ask, or that a button leads to: they are among what is looked at.
AMONG_THEM = [
    r"/admin/imports/import/ action=(revert|restore|run_again|cancel)",
    r"/admin/scores/classclaim/ action=withdraw",
    r"/admin/imports/importrule/ action=lift",
    r"/admin/imports/revertbatch/\d+/restore/",
    r"/admin/imports/revert/\d+/restore/",
    r"/imports/\w+/revert/",
    r"/imports/\w+/restore/",
    r"/imports/upload/",
    r"/batches/new/ /batches/new/",
    r"/tokens/\d+/revoke/",
]


def test_every_page_can_be_read_by_everybody(live_server, tmp_path, settings):
    settings.RATE_LIMITS = False
    world, met = make_world(), Counter()
    found, seen = [], []
    with chromium(tmp_path, 1280, 800) as driver:
        window = Window(driver, live_server.url)
        for kind in KINDS:
            client = world.client(kind)
            tour = Tour(client, signed_in=kind != "guest", met=met).go()
            window.sign_in(client)
            for stop in tour.stops:
                if stop.address.startswith(NOT_OURS):
                    continue
                window.open(stop)
                seen.append(str(stop))
                found += [f"{kind} at {stop}: {fault}" for fault in window.faults()]
    assert not found, "\n".join([f"{len(found)} faults:", *found[:50]])
    everything = "\n".join(seen)
    assert [each for each in AMONG_THEM if not re.search(each, everything)] == []
    assert len(seen) > 100
