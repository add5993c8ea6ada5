"""Pictures of the site for the documentation: `make screenshots`.

On a site of its own, with a database that is thrown away, it is always the same
evening, and random numbers are always the same: so a picture changes with the page
that it shows. Writes `docs/screenshots/`. Needs chromium and its driver.
"""

import base64
import os
import random
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 150_000  # bytes
HEIGHTS = {1280: 800, 390: 844}  # of a screen that wide
QUALITY = 80
SHARP = 1.5  # pixels of a picture to one of a page
#: After the plays of `scores/sample`: a Sunday.
EVENING = datetime(2026, 3, 8, 19, 42, 30, tzinfo=UTC)


class Shot(NamedTuple):
    """A page: who looks at it ("" is a guest), how wide, and in which colours.

    `address` names an import or a batch by a word of `screenshots_site.named`.
    """

    name: str
    who: str
    address: str
    width: int
    colours: str


SHOTS = [
    Shot("welcome", "", "/", 1280, "light"),
    Shot("import", "mio", "/imports/{import}/", 1280, "light"),
    Shot("import-on-a-phone", "mio", "/imports/{import}/", 390, "dark"),
    Shot("overview", "vera", "/admin/", 1280, "light"),
    Shot("imports", "vera", "/admin/imports/import/", 1280, "light"),
    Shot("batch", "vera", "/admin/imports/revertbatch/{batch}/change/", 1280, "dark"),
]


class Clock:
    """What `timezone.now` says: it stands still until it is set."""

    def __init__(self) -> None:
        self.time = EVENING

    def __call__(self) -> datetime:
        return self.time

    def back(self, **how_far: float) -> None:
        """Set it so far before the evening."""
        self.time = EVENING - timedelta(**how_far)


def main() -> None:
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        sys.exit("Chromium and its driver are needed: chromium, chromium-driver.")
    with (
        tempfile.TemporaryDirectory() as directory,
        patch.dict(os.environ, settings_of(directory)),
        always_the_same() as clock,
    ):
        make_site(clock)
        take_all(Path(directory))


def settings_of(directory: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tachi.settings",
        "DATABASE_URL": f"sqlite:///{directory}/site.sqlite3",
        "DEBUG": "on",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def always_the_same():
    """The clock, and ids that come in the same order each time.

    Models take `timezone.now` as it is when they are imported: nothing of the site may
    be before.
    """
    clock, chance = Clock(), random.Random(1)
    with (
        patch("django.utils.timezone.now", lambda: clock()),
        patch("secrets.token_hex", lambda size=32: chance.randbytes(size).hex()),
    ):
        yield clock


def make_site(clock: Clock) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_seeds", ROOT / "scores" / "sample", verbosity=0)
    from tests.screenshots_site import Story

    Story(clock).tell()


def take_all(scratch: Path) -> None:
    from tests.browser import chromium
    from tests.screenshots_site import named

    FOLDER.mkdir(exist_ok=True)
    with served() as site, chromium(scratch, 1280, 800) as driver:
        for shot in SHOTS:
            picture = take(driver, site + shot.address.format(**named()), shot)
            path = FOLDER / f"{shot.name}.webp"
            path.write_bytes(picture)
            sys.stdout.write(f"{path.relative_to(ROOT)}: {len(picture):,} bytes\n")
            if len(picture) > LARGEST:
                sys.exit(f"A picture has to be below {LARGEST:,} bytes.")


@contextmanager
def served():
    """The address of the site, while it is served by this process."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def take(driver, address: str, shot: Shot) -> bytes:
    """The picture of a page, as far as a screen of that width shows it."""

    def tell(command: str, **said):
        return driver.execute_cdp_cmd(command, said)

    screen = {"width": shot.width, "height": HEIGHTS[shot.width]}
    is_phone = shot.width < 500
    more = {"deviceScaleFactor": SHARP, "mobile": is_phone}
    tell("Emulation.setDeviceMetricsOverride", **screen, **more)
    scheme = {"name": "prefers-color-scheme", "value": shot.colours}
    tell("Emulation.setEmulatedMedia", features=[scheme])
    tell("Emulation.setScrollbarsHidden", hidden=True)
    tell("Network.clearBrowserCookies")
    if shot.who:
        tell("Network.setCookie", url=address, **session_of(shot.who))
    driver.get(address)
    taken = tell("Page.captureScreenshot", format="webp", quality=QUALITY)
    return base64.b64decode(taken["data"])


def session_of(name: str) -> dict[str, str]:
    """The cookie of somebody who has signed in, by the clock of the browser."""
    from django.conf import settings
    from django.test import Client

    from tachi.accounts.authentication import LOGGED_IN_AT
    from tachi.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=name))
    session = client.session
    session[LOGGED_IN_AT] = time.time()
    session.save()
    cookie = settings.SESSION_COOKIE_NAME
    return {"name": cookie, "value": client.cookies[cookie].value}


if __name__ == "__main__":
    main()
