"""An owner makes a token, and reverts what several imports brought, in a browser."""

import pytest
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from imports.models import Import, RevertBatch
from tests.browser import PATIENCE, chromium
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PASSWORD = "correct horse"
READY = "return document.readyState === 'complete'"
PAGES = ("home", "notices", "tokens", "draft", "wipe", "password")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_an_owner_reverts_several_and_nothing_scrolls_sideways(
    live_server, tmp_path, settings, width, height
):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False
    user, chart = make_user("player_1", PASSWORD), make_chart()
    for n in range(3):
        make_import(user, play(chart, 9_000_000 + n, NOON + n * 9 * HOUR))
    with chromium(tmp_path, width, height) as driver:

        def find(selector):
            return driver.find_element(By.CSS_SELECTOR, selector)

        def press(selector):
            page = find("html")
            find(selector).click()
            wait = WebDriverWait(driver, PATIENCE)
            wait.until(lambda _: find("html") != page)
            wait.until(lambda there: there.execute_script(READY))
            fits()

        def fits():
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, driver.current_url

        driver.get(live_server.url + reverse("pages:tokens"))
        find("[name=username]").send_keys("player_1")
        find("[name=password]").send_keys(PASSWORD)
        press("main form button")
        assert driver.current_url.endswith(reverse("pages:tokens"))
        find("[name=identifier]").send_keys("a hook with a long name " * 3)
        press("section form button")
        assert len(find("#secret").get_attribute("value")) == 40
        for name in PAGES:
            driver.get(live_server.url + reverse(f"pages:{name}"))
            fits()
        driver.get(live_server.url + reverse("pages:draft") + "?game=sdvx")
        press("main form button")
        assert "Nothing is reverted yet" in find("main").text
        press("main form button.danger")
        assert Import.objects.reverted().count() == 3
        press("main form button[value=restore]")
        assert not Import.objects.reverted().exists()
    assert RevertBatch.objects.get().state == "restored"
