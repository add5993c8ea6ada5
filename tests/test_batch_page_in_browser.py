"""The page of a batch in a real browser: it moves by itself, and forgets no reason."""

import os

import pytest
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from imports.batches import control
from imports.batches.run import run_to_end
from imports.models import BatchImport, RevertBatch
from tests.browser import PATIENCE, chromium
from tests.factories import OPERATOR, make_chart
from tests.imports.batches.making import drafted, make_player
from tests.rights.people import make_moderator
from tests.test_admin_in_browser import PASSWORD, Browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_batch_moves_by_itself_and_what_was_typed_stays(
    live_server, tmp_path, width, height
):
    moderator = make_moderator(username="mod", password=PASSWORD)
    batch = drafted(*make_player(make_chart(), 8_000_000, 8_100_000)[1])
    url = reverse("admin:imports_revertbatch_change", args=[batch.pk])
    with chromium(tmp_path, width, height) as driver:
        browser = Browser(driver, live_server.url)
        browser.login(moderator)

        def seen(name):
            assert browser.width <= width, name
            if SHOTS:
                driver.save_screenshot(f"{SHOTS}/{name}-{width}.png")

        def comes(text):
            wait = WebDriverWait(driver, PATIENCE, ignored_exceptions=[Exception])
            wait.until(lambda _: text in browser.text)

        browser.open(url)
        seen("draft")
        control.confirm(batch, OPERATOR, batch.fingerprint)
        browser.open(url)
        assert "Waiting for its turn: 0 of 2 imports." in browser.text
        browser.find("details.why summary").click()
        browser.type("reason", "a wrong hook")
        page = browser.find("html")

        first = batch.outcomes.order_by("position").first()
        BatchImport.objects.filter(pk=first.pk).update(state="failed")
        comes("1 of 2 imports")
        assert browser.find("html") == page  # it was not loaded again
        BatchImport.objects.filter(pk=first.pk).update(state="waiting")
        seen("queued")

        RevertBatch.objects.filter(pk=batch.pk).update(state="running")
        comes("Reverting: 0 of 2 imports")
        assert browser.find("[name=reason]").get_attribute("value") == "a wrong hook"
        run_to_end(batch)
        comes("Done: 2 of 2 imports of 1 player were reverted")
        seen("done")

        browser.leave(
            driver.find_element(By.CSS_SELECTOR, "a[href$='/restore/']").click
        )
        assert "Restore 2 imports of 1 player" in browser.text
        seen("restore")
        browser.press("input[value='Yes, restore']")
        run_to_end(RevertBatch.objects.get(pk=batch.pk))
        comes("Restored by mod: 2 imports are back.")
        for name in ("revertbatch", "revert"):
            browser.open(reverse(f"admin:imports_{name}_changelist"))
            seen(name)
