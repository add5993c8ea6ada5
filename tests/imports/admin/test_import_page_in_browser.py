"""The page of an import in a real browser, on a screen and on a phone."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.urls import reverse
from selenium.webdriver.support.ui import WebDriverWait

from imports.models import Import, Revert, State
from imports.pipeline import run_inline
from tachi.accounts.groups import MODERATE
from tests.browser import PATIENCE, chromium
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
    send,
)
from tests.test_admin_in_browser import PASSWORD, Browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["screen", "phone"])
def browser(request, live_server, tmp_path):
    """Somebody with the rights of the group of moderators, signed in.

    The group itself is of a migration, and gone once a test has emptied the tables.
    """
    user = make_user("mod", PASSWORD, is_staff=True)
    acts = [name.partition(".")[2] for name in MODERATE]
    may = Q(codename__in=acts) | Q(codename__startswith="view_")
    user.user_permissions.set(Permission.objects.filter(may))
    width, height = request.param
    with chromium(tmp_path, width, height) as opened:
        browser = Browser(opened, live_server.url)
        browser.login(user)
        browser.wide = width
        yield browser


def page_of(import_):
    return reverse("admin:imports_import_change", args=[import_.pk])


def fits(browser):
    return browser.width <= browser.wide


def test_a_player_asks_why_his_import_does_nothing(browser):
    player = make_user("player_one")
    sent = [play(make_chart(), time=NOON + each * HOUR) for each in range(60)]
    first, again = make_import(player, *sent), make_import(player, *sent)

    browser.open(page_of(again))

    name = f"{first.import_id[:12]}…"
    told = browser.find(".verdict").text
    assert f"Nothing new: all 60 scores are held by import {name}." in told
    assert fits(browser)
    browser.follow(name)
    assert "All 60 scores are new." in browser.text
    assert fits(browser)


def test_an_import_is_reverted_from_its_page_and_restored_there(browser):
    import_ = make_import(make_user("player_one"), play(make_chart()))
    browser.open(page_of(import_))
    browser.press("button[value=revert]")
    assert "1 score of 1 player will go." in browser.text
    assert fits(browser)
    browser.type("reason", "a broken client")
    browser.press("input[value='Yes, revert']")
    assert browser.driver.current_url.endswith(page_of(import_))
    assert "Reverted 1 import with 1 score." in browser.text
    assert "Reason: a broken client" in browser.text
    browser.press("button[value=restore]")
    assert fits(browser)
    browser.press("input[value='Yes, restore']")
    assert "The one score is new." in browser.text
    assert Revert.objects.get().restored_at is not None


def test_a_failed_import_says_what_was_wrong(browser):
    refused = run_inline(send(make_user(), document(play(make_chart(), -5))))
    browser.open(page_of(refused))
    assert "Invalid BATCH-MANUAL" in browser.find(".verdict").text
    assert "scores[0].score" in browser.text
    assert fits(browser)


def test_thousands_of_rejected_rows_are_one_line(browser):
    chart = make_chart()
    wrong = [play(chart, 8_000_000 + each, 2 * NOON) for each in range(4_282)]
    import_ = make_import(make_user(), *wrong)
    browser.open(page_of(import_))
    assert "Nothing imported: all 4,282 rows are rejected." in browser.text
    assert "rows 1–4,282" in browser.text
    assert "in the future" in browser.text
    assert fits(browser)


def test_a_running_import_is_followed_to_its_end(browser):
    import_ = make_row(state=State.RUNNING)
    rows = Import.objects.filter(pk=import_.pk)
    rows.update(description="Matching charts.", phase="matching", done=5, total=10)
    browser.open(page_of(import_))
    assert "Matching charts." in browser.find(".verdict").text
    assert fits(browser)
    wait = WebDriverWait(browser.driver, PATIENCE)

    rows.update(description="Writing scores.", phase="writing", done=4_000, total=5_000)
    wait.until(lambda _: "Writing: 4,000 of 5,000" in browser.text)
    assert browser.find("progress").get_attribute("value") == "80"

    rows.update(state=State.CANCELLED, error_text="This import was cancelled.")
    wait.until(lambda _: "This import was cancelled." in browser.text)
    assert not browser.driver.find_elements("css selector", "progress")
