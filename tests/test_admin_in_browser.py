"""The moderators' main job in a real browser: Debian's chromium and chromium-driver."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from imports.models import Import, Revert, Worker
from imports.queue import leases
from scores.models import ClassClaim
from tests.browser import PATIENCE, chromium, stopped
from tests.factories import NOON, make_chart, make_import, make_row, make_user, play
from tests.state import state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PASSWORD = "correct horse"
IMPORTS = reverse("admin:imports_import_changelist")
CLAIMS = reverse("admin:scores_classclaim_changelist")
PAGES_OF_A_ROW = ("change", "history")
READY = "return document.readyState === 'complete'"


class Browser:
    """Chromium, as a moderator uses it."""

    def __init__(self, driver, site):
        self.driver, self.site = driver, site

    def open(self, path):
        self.driver.get(self.site + path)

    def login(self, user):
        self.open(reverse("admin:login"))
        self.type("username", user.username)
        self.type("password", PASSWORD)
        self.press("input[type=submit]")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def type(self, name, text):
        self.find(f"[name={name}]").send_keys(text)

    def press(self, selector):
        """Click on what leads to another page, and wait for that."""
        self.leave(self.find(selector).click)

    def follow(self, text):
        self.leave(self.driver.find_element(By.PARTIAL_LINK_TEXT, text).click)

    def leave(self, act):
        page = self.find("html")
        act()
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: self.find("html") != page)
        wait.until(lambda driver: driver.execute_script(READY))

    def act_on(self, row, action):
        """Tick the box of a row and choose an action for it."""
        self.find(f"input[name=_selected_action][value='{row.pk}']").click()
        Select(self.find("select[name=action]")).select_by_value(action)
        self.press("button[name=index]")

    @property
    def width(self):
        return self.driver.execute_script("return document.documentElement.scrollWidth")

    @property
    def text(self):
        return self.find("body").text

    def column(self, name):
        cells = self.driver.find_elements(By.CSS_SELECTOR, f"td.field-{name}")
        return [cell.text for cell in cells]


@pytest.fixture
def browser(live_server, tmp_path):
    with chromium(tmp_path, 1500, 1000) as opened:
        yield Browser(opened, live_server.url)


@pytest.fixture
def phone(live_server, tmp_path):
    with chromium(tmp_path, 390, 844) as opened:
        yield Browser(opened, live_server.url)


def make_moderator(*permissions):
    user = make_user("boss", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


MODERATOR = ["revert_import", "restore_import", "view_score", "review_class"]


def test_a_moderator_finds_an_import_reverts_it_restores_it_and_reviews_its_class(
    browser,
):
    player = make_user("player_one")
    make_import(make_user("bystander"), play(make_chart()))
    charts = [make_chart() for _ in range(2)]
    import_ = make_import(
        player,
        *(play(chart, time=NOON) for chart in charts),
        play(99_999),
        classes={"dan": "DAN_5"},
    )
    before = state_of(player)
    moderator = make_moderator(*MODERATOR)
    browser.login(moderator)

    browser.open(IMPORTS)
    assert sorted(browser.column("user")) == ["bystander", "player_one"]
    browser.leave(lambda: browser.type("user", "player_one\n"))
    assert browser.column("user") == ["player_one"]

    browser.follow(import_.import_id[:12])
    assert "SongOrChartNotFound" in browser.text
    assert "2 imported" in browser.text
    browser.driver.back()

    browser.act_on(import_, "revert")
    assert "2 scores of 1 player will go." in browser.text
    assert "1 orphan will go." in browser.text
    assert "1 provided class will stay" in browser.text
    assert state_of(player) == before
    browser.type("reason", "a broken client")
    browser.press("input[value='Yes, revert']")
    assert "Reverted 1 import with 2 scores." in browser.text
    assert browser.column("state") == ["Reverted"]
    assert Revert.objects.get().reason == "a broken client"

    browser.follow(import_.import_id[:12])
    browser.press("button[value=restore]")
    assert "2 scores will return" in browser.text
    browser.press("input[value='Yes, restore']")
    assert "Restored 1 import with 2 scores." in browser.text
    assert state_of(player) == before

    browser.open(f"{IMPORTS}?user=player_one")
    browser.act_on(import_, "revert")
    browser.press("input[value='Yes, revert']")
    browser.follow("class review")
    assert browser.column("state") == ["to review"]
    assert "5th Dan" in browser.text
    browser.act_on(ClassClaim.objects.get(), "withdraw")
    browser.press("input[value='Yes, withdraw']")
    assert "Withdrew 1 class." in browser.text
    assert browser.column("user") == []
    assert ClassClaim.objects.get().withdrawn_at is not None


def test_going_back_from_the_confirmation_changes_nothing(browser):
    import_ = make_import(make_user(), play(make_chart()))
    browser.login(make_moderator(*MODERATOR))
    browser.open(IMPORTS)
    browser.act_on(import_, "revert")

    browser.leave(browser.find(".cancel-link").click)

    assert browser.column("state") == ["Completed"]
    assert not Revert.objects.exists()


def test_everything_that_is_shown_can_be_selected_at_once(browser):
    player = make_user("player_one")
    for _ in range(3):
        make_import(player, play(make_chart()))
    browser.login(make_moderator(*MODERATOR))
    browser.open(f"{IMPORTS}?user=player_one")

    browser.find("#action-toggle").click()
    Select(browser.find("select[name=action]")).select_by_value("revert")
    browser.press("button[name=index]")
    browser.press("input[value='Yes, revert']")

    assert "Reverted 3 imports with 3 scores." in browser.text
    assert browser.column("state") == ["Reverted"] * 3


def test_a_moderator_without_the_permission_sees_no_action(browser):
    import_ = make_import(make_user(), play(make_chart()))
    browser.login(make_moderator("view_import"))

    browser.open(IMPORTS)
    assert browser.column("state") == ["Completed"]
    assert not browser.driver.find_elements(By.NAME, "action")
    browser.follow(import_.import_id[:12])
    assert not browser.driver.find_elements(By.NAME, "action")
    assert Import.objects.completed().count() == 1


def test_every_page_does_without_what_the_policy_stops(browser):
    import_ = make_import(make_user(), play(make_chart()), play(99_999))
    browser.login(make_user("boss", PASSWORD, is_staff=True, is_superuser=True))
    rows = (import_, import_.user, import_.scores.get(), import_.orphans.get())
    pages = [reverse("admin:index"), reverse("admin:password_change"), "/nothing"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"{name}_changelist"))
        row = next((each for each in rows if isinstance(each, model)), None)
        if row is not None:
            pages += [reverse(f"{name}_{of}", args=[row.pk]) for of in PAGES_OF_A_ROW]
    for page in pages:
        browser.open(page)
    assert len(pages) > 20
    assert stopped(browser.driver) == []

    style = "document.body.setAttribute('style', 'color: red')"
    browser.driver.execute_script(style)
    assert len(stopped(browser.driver)) == 1  # so it would have been told


def test_no_page_is_wider_than_a_phone(phone):
    """Long ids are broken, and a wide table scrolls by itself."""
    import_ = make_import(
        make_user(), play(make_chart()), play(99_999), service="w" * 60
    )
    phone.login(make_user("boss", PASSWORD, is_staff=True, is_superuser=True))
    widths = {}
    for row in (import_, import_.scores.get(), import_.orphans.get()):
        page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        phone.open(reverse(page, args=[row.pk]))
        widths[page] = phone.width
    Worker.objects.create(name="w" * 150, processes=2)
    leases.take(make_row(make_user("u" * 21)).pk)
    phone.open("/admin/")
    assert "Imports: all is well" in phone.text
    widths["first page"] = phone.width
    phone.open(IMPORTS)
    phone.act_on(import_, "revert")
    widths["confirmation"] = phone.width

    assert {page: width for page, width in widths.items() if width > 390} == {}
