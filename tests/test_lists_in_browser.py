"""The lists of the admin in a real browser, at a desk and on a phone."""

import pytest
from django.contrib import admin
from django.urls import reverse
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from imports.models import Import, State
from imports.undo.revert import revert_import
from tests.browser import PATIENCE, chromium
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.test_admin_in_browser import IMPORTS, PASSWORD, Browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: What is cut off: cells that hold more than they show, or end beyond the window.
CUT_OFF = """
return [...document.querySelectorAll('#result_list th, #result_list td')].filter(
  (cell) => cell.offsetParent && (cell.scrollWidth > cell.clientWidth + 1
    || cell.getBoundingClientRect().right > document.documentElement.clientWidth)
).map((cell) => cell.className)
"""
FOCUSED = """
const it = document.activeElement, style = getComputedStyle(it);
return [it.id || it.name || it.textContent.trim(),
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0]
"""


@pytest.fixture
def desk(live_server, tmp_path):
    with chromium(tmp_path, 1280, 800) as driver:
        yield Browser(driver, live_server.url)


@pytest.fixture
def phone(live_server, tmp_path):
    with chromium(tmp_path, 390, 844) as driver:
        yield Browser(driver, live_server.url)


def make_boss():
    return make_user("boss", PASSWORD, is_staff=True, is_superuser=True)


def make_everything():
    """Rows for all lists, with long texts in what people send."""
    user = make_user("u" * 20)
    make_token(user, "submit_score")
    sent = {"service": "w" * 60, "classes": {"dan": "DAN_5"}}
    for _ in range(2):
        import_ = make_import(user, play(make_chart()), play(99_999), **sent)
    revert_import(import_, OPERATOR)
    make_row(
        user,
        state=State.FAILED,
        user_agent="a" * 200,
        error_text="e" * 300,
        service="s" * 80,
    )
    ways = ("imported", "held", "orphaned", "rejected", "blocked")
    counts = {**dict.fromkeys(ways, 99_999), "total": 499_995}
    Import.objects.filter(pk=import_.pk).update(counts=counts)


def lists():
    for model in admin.site._registry:
        of = model._meta
        yield reverse(f"admin:{of.app_label}_{of.model_name}_changelist")


def test_two_filters_are_filled_in_and_applied_as_one(desk):
    wanted = make_row(make_user("wanted"), game="iidx")
    make_row(wanted.user, game="sdvx")
    make_row(make_user("other"), game="iidx")
    desk.login(make_boss())
    desk.open(f"{IMPORTS}?state=queued")

    desk.type("user", "wanted")
    desk.type("since", "1 hour ago")
    Select(desk.find("select[name=game]")).select_by_value("iidx")
    desk.press("#changelist-search button[type=submit]")

    assert desk.column("user") == ["wanted"]
    query = desk.driver.current_url.split("?")[1]
    assert query == "state=queued&user=wanted&since=1+hour+ago&game=iidx"
    assert desk.find("[name=since]").get_property("value") == "1 hour ago"
    assert "1 found: state Queued, user wanted, received since 1 hour ago" in desk.text
    desk.follow("Seven days")
    assert desk.find("[name=since]").get_property("value") == "7 days ago"
    assert desk.column("user") == ["wanted"]
    desk.follow("Clear")
    assert len(desk.column("user")) == 3


def test_all_is_what_is_applied_and_not_what_is_being_typed(desk):
    user, other = make_user("wanted"), make_user("other")
    for each in (user, other):
        Import.objects.bulk_create(
            Import(user=each, import_type="file/batch-manual") for _ in range(60)
        )
    desk.login(make_boss())
    desk.open(f"{IMPORTS}?user=wanted")
    assert "Not applied yet" not in desk.text

    desk.find("[name=user]").clear()
    desk.type("user", "other")
    assert "Not applied yet" in desk.text
    desk.find("#action-toggle").click()
    desk.find(".question a").click()
    Select(desk.find("select[name=action]")).select_by_value("cancel")
    desk.press("button[name=index]")

    assert "All 60 imports that match: user wanted." in desk.text
    desk.press("input[value='Yes, cancel']")
    cancelled = Import.objects.filter(state=State.CANCELLED)
    assert set(cancelled.values_list("user__username", flat=True)) == {"wanted"}
    assert cancelled.count() == 60


def test_users_are_suggested_while_a_name_is_typed(desk):
    make_user("somebody_else")
    desk.login(make_boss())
    desk.open(IMPORTS)

    desk.type("user", "mebody")

    wait = WebDriverWait(desk.driver, PATIENCE)
    options = wait.until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "#filter-user-list option")
    )
    assert [each.get_attribute("value") for each in options] == ["somebody_else"]


def test_at_a_desk_every_list_shows_all_of_its_columns(desk):
    make_everything()
    desk.login(make_boss())
    found = {}
    for page in lists():
        desk.open(page)
        found[page] = desk.driver.execute_script(CUT_OFF), max(desk.width, 1280)

    assert {page: of for page, of in found.items() if of != ([], 1280)} == {}


def test_on_a_phone_every_list_is_cards_and_nothing_scrolls_sideways(phone):
    make_everything()
    phone.login(make_boss())
    found = {}
    for page in lists():
        phone.open(page)
        found[page] = phone.driver.execute_script(CUT_OFF), phone.width
        for cell in phone.driver.find_elements(By.CSS_SELECTOR, "#result_list td")[:3]:
            assert cell.value_of_css_property("display") in ("block", "none"), page

    assert {page: of for page, of in found.items() if of != ([], 390)} == {}


def test_on_a_phone_filters_are_folded_away_until_one_is_set_and_actions_work(phone):
    import_ = make_row(make_user("wanted"))
    phone.login(make_boss())
    phone.open(IMPORTS)
    assert not phone.find("[name=user]").is_displayed()

    phone.find(".filters summary").click()
    phone.leave(lambda: phone.type("user", "nobody\n"))
    assert "There is no user 'nobody'." in phone.find(".problem").text
    assert phone.column("user") == []
    phone.open(f"{IMPORTS}?user=wanted")
    assert phone.find("[name=user]").is_displayed()
    phone.act_on(import_, "cancel")
    phone.press("input[value='Yes, cancel']")

    import_.refresh_from_db()
    assert import_.state == State.CANCELLED


def test_a_list_is_gone_through_by_keyboard_in_its_order_and_seen(desk):
    import_ = make_row(make_user("wanted"))
    desk.login(make_boss())
    desk.open(IMPORTS)

    desk.driver.execute_script("document.querySelector('#searchbar').focus()")
    seen = [desk.driver.execute_script(FOCUSED)]
    for _ in range(19):
        ActionChains(desk.driver).send_keys(Keys.TAB).perform()
        seen.append(desk.driver.execute_script(FOCUSED))

    names = [name for name, _ in seen]
    assert [name for name, is_seen in seen if not is_seen] == []
    wanted = ["searchbar", "filter-state", "filter-user", "filter-since"]
    wanted += ["filter-revertedBy", "Apply", "action", "index", "action-toggle"]
    wanted += ["_selected_action", f"{import_.import_id[:12]}…"]
    assert [name for name in names if name in wanted] == wanted
