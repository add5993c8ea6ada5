"""The owners' stories in a real browser, on a screen and on a phone."""

import json
import os
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from imports.models import Import, State
from imports.pipeline import run
from imports.queue import leases
from tests.browser import PATIENCE, chromium
from tests.factories import NOON, document, make_chart, make_import, make_user, play
from tests.imports.pages.site_pages import IMPORTS, page_of
from tests.state import state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
READY = "return document.readyState === 'complete'"
WIDTH = "return document.documentElement.scrollWidth"


class Browser:
    """Chromium, signed in as a player."""

    def __init__(self, driver, site, width):
        self.driver, self.site, self.width, self.shots = driver, site, width, 0

    def sign_in(self, client, user):
        """With a session, on a page that needs none."""
        client.force_login(user)
        self.driver.get(f"{self.site}/nothing/")
        for name, morsel in client.cookies.items():
            self.driver.add_cookie({"name": name, "value": morsel.value, "path": "/"})

    def open(self, path):
        self.driver.get(self.site + path)
        self.look()

    def look(self):
        """Nothing scrolls sideways; kept as a picture where somebody wants to see."""
        assert self.driver.execute_script(WIDTH) <= self.width
        if folder := os.environ.get("SCREENSHOTS"):
            self.shots += 1
            name = f"{self.width}-{self.shots:02}.png"
            self.driver.save_screenshot(str(Path(folder) / name))

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def press(self, selector):
        page = self.find("html")
        self.find(selector).click()
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: self.find("html") != page)
        wait.until(lambda driver: driver.execute_script(READY))
        self.look()

    def wait_for(self, text):
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: text in self.text)

    @property
    def text(self):
        return self.find("body").text


@pytest.fixture
def owner(db):
    return make_user("player_one")


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["screen", "phone"])
def browser(request, live_server, tmp_path, client, owner):
    with chromium(tmp_path, *request.param) as opened:
        found = Browser(opened, live_server.url, request.param[0])
        found.sign_in(client, owner)
        yield found


def written(tmp_path, *plays):
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(document(*plays)))
    return str(path)


def test_a_file_is_tried_imported_watched_reverted_and_restored(
    browser, owner, tmp_path
):
    charts = [make_chart() for _ in range(3)]
    make_import(owner, play(charts[0], time=NOON))
    file = written(
        tmp_path,
        play(charts[0], time=NOON),
        play(charts[1], time=NOON, score=9_876_543),
        play(99_999),
        play(charts[2], time=2 * NOON),
    )
    browser.open(IMPORTS)
    browser.find("#upload-file").send_keys(file)
    browser.find("button[value=try]").click()
    browser.wait_for("This is what importing it would do")
    browser.look()
    assert Import.objects.count() == 1

    browser.press("#upload button[value=import]")
    assert "Queued." in browser.text
    import_ = Import.objects.latest("pk")
    taken = leases.take(import_.pk)
    Import.objects.filter(pk=import_.pk).update(
        phase="matching", description="Halfway there.", done=1, total=2
    )
    browser.wait_for("Halfway there.")
    assert browser.find("progress").get_attribute("value") == "50"
    run(taken)
    browser.wait_for("What came of it")
    browser.look()
    for part in ("9,876,543", "99999", "row 4"):
        assert part in browser.text
    before = state_of(owner)

    browser.press("a[href$='/revert/']")
    assert "1 score goes." in browser.text
    assert state_of(owner) == before
    browser.press("form button.danger")
    assert "It can be restored until" in browser.text
    assert Import.objects.get(pk=import_.pk).state == State.REVERTED

    browser.open(IMPORTS)
    browser.press("a[href$='/restore/']")
    assert "1 score comes back." in browser.text
    browser.press("main form button")
    assert "Restored. It has 1 score again." in browser.text
    assert state_of(owner) == before
    browser.open("/orphans/")
    assert "99999" in browser.text


def test_my_import_does_nothing_and_its_page_leads_to_what_holds_it(browser, owner):
    charts = [make_chart() for _ in range(2)]
    first = make_import(owner, *map(play, charts))
    again = make_import(owner, *map(play, charts))
    browser.open(page_of(again))
    assert "Nothing new: all 2 scores are held by import" in browser.text
    browser.press(f".verdict a[href='{page_of(first)}']")
    assert charts[0].song.title in browser.text
