"""The reference of the API, in a real browser, on a desk and on a phone."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import PATIENCE, chromium
from tests.conformance import document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

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

    def appears(self, selector, times=1):
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: len(self.all(selector)) >= times)


@pytest.mark.parametrize(("width", "height"), [(1280, 1000), (390, 844)])
def test_it_lists_every_endpoint_fits_the_screen_and_can_be_tried(
    live_server, tmp_path, width, height
):
    operations = sum(len(each) for each in document()["paths"].values())
    with chromium(tmp_path, width, height) as driver:
        driver.get(f"{live_server.url}/api/docs/")
        page = Page(driver)
        page.appears(".opblock", operations)
        assert driver.execute_script(FITS)
        page.press("[id$=import_retrieve] .opblock-summary-control")
        page.appears("[id$=import_retrieve] .example")
        assert driver.execute_script(FITS)
        page.press("[id$=site-status] .opblock-summary-control")
        page.press("[id$=site-status] .try-out__btn")
        page.press("[id$=site-status] .execute")
        page.appears("[id$=site-status] .live-responses-table .response-col_status")
        (answer,) = page.all("[id$=site-status] .live-responses-table .response")
        assert "Status check successful." in answer.text
        assert driver.get_log("browser") == []
