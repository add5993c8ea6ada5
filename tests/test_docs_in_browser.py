"""The reference of the API, in a real browser, on a desk and on a phone."""

import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import PATIENCE, chromium
from tests.conformance import document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

IDS = "return [...document.querySelectorAll('.opblock')].map(each => each.id)"
FITS = "return document.documentElement.scrollWidth <= window.innerWidth"


class Page:
    def __init__(self, driver):
        self.driver = driver

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, selector):
        """Click on what appears, wherever on the page."""
        self.appears(selector)
        button = self.all(selector)[0]
        self.driver.execute_script("arguments[0].click()", button)

    def appears(self, selector):
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: self.all(selector))

    def opens(self, site, operation):
        """Go to an operation by its address, which unfolds it."""
        self.driver.get("about:blank")
        self.driver.get(f"{site}/api/docs/#/{operation}")

    def operations(self):
        """The ids of all of them: of so many only those in sight are on the page."""
        seen, top, end = set(), 0, 1
        while top < end:
            self.driver.execute_script(f"window.scrollTo(0, {top})")
            time.sleep(0.1)
            seen.update(self.driver.execute_script(IDS))
            end = self.driver.execute_script("return document.body.scrollHeight")
            top += 300
        return seen


@pytest.mark.parametrize(("width", "height"), [(1280, 1000), (390, 844)])
def test_it_lists_every_endpoint_fits_the_screen_and_can_be_tried(
    live_server, tmp_path, width, height
):
    operations = sum(len(each) for each in document()["paths"].values())
    with chromium(tmp_path, width, height) as driver:
        driver.get(f"{live_server.url}/api/docs/")
        page = Page(driver)
        page.appears(".opblock")
        assert len(page.operations()) == operations
        assert driver.execute_script(FITS)
        page.opens(live_server.url, "imports/import_retrieve")
        page.appears("[id$=import_retrieve] .example")
        assert driver.execute_script(FITS)
        page.opens(live_server.url, "site/status")
        page.press("[id$=site-status] .try-out__btn")
        page.press("[id$=site-status] .execute")
        page.appears("[id$=site-status] .live-responses-table .response-col_status")
        (answer,) = page.all("[id$=site-status] .live-responses-table .response")
        assert "Status check successful." in answer.text
        # An `_` in the address of an operation is deprecated there, and works.
        logged = [each["message"] for each in driver.get_log("browser")]
        assert [each for each in logged if "future 5.x release" not in each] == []
