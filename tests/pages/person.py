"""A person at a browser, on a screen or on a phone: reads, presses, follows.

Whatever page comes, nothing of it may scroll sideways.
"""

from contextlib import contextmanager

from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser import PATIENCE, chromium
from tests.test_admin_in_browser import Browser

PASSWORD = "correct horse"
SEEN = "return arguments[0].checkVisibility()"  # also in a <details> held open
MOST_TOLD = 2000  # characters of a page, where a test fails
FITS = """
const shown = arguments[0];
return document.documentElement.scrollWidth <= Math.min(shown, innerWidth);
"""


class Person(Browser):
    """Chromium, as somebody uses it who has an account."""

    def __init__(self, driver, site, width):
        super().__init__(driver, site)
        self.is_wide, self.shown = width > 640, width

    def open(self, path):
        super().open(path)
        self.look()

    def leave(self, act):
        super().leave(act)
        self.look()

    def look(self):
        """Nothing scrolls sideways."""
        fits = self.driver.execute_script(FITS, self.shown)
        assert fits, f"{self.driver.current_url} is {self.width} wide"

    def sign_in(self, user):
        """At the site's own door, as somebody else than before."""
        self.driver.delete_all_cookies()
        self.open(reverse("pages:sign_in"))
        self.type("username", user.username)
        self.type("password", PASSWORD)
        self.press("main form button")
        assert f"Hello, {user.username}" in self.text

    def moderate(self, user):
        """At the moderators' door."""
        self.driver.delete_all_cookies()
        self.login(user)
        assert "Imports: " in self.text

    def reads(self, *texts):
        """All of this is on the page, however its lines are broken."""
        page = " ".join(self.text.split())
        for text in texts:
            assert text in page, f"{text!r} is not in: {page[:MOST_TOLD]}"

    def wait_for(self, text):
        """It comes by itself, maybe with a page that is loaded again."""
        wait = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[Exception])
        wait.until(lambda _: text in self.text)
        self.look()

    def click(self, text):
        """A button, by what it says."""
        found = self.driver.find_elements(By.XPATH, BUTTON.format(text))
        shown = [each for each in found if self.driver.execute_script(SEEN, each)]
        assert shown, f"There is no button {text!r} in: {self.text[:MOST_TOLD]}"
        self.leave(shown[0].click)

    def choose(self, action):
        """An action for what is ticked in a list."""
        Select(self.find("select[name=action]")).select_by_value(action)
        self.press("button[name=index]")


BUTTON = (
    "//button[starts-with(normalize-space(),'{0}')]"
    "|//input[@type='submit'][starts-with(@value,'{0}')]"
    "|//a[starts-with(normalize-space(),'{0}')]"
)

TELLS = "data:text/html,<title>none</title><script>document.title='scripts'</script>"


@contextmanager
def at_a_browser(site, folder, size, *, scripts):
    with chromium(folder, *size, scripts=scripts) as driver:
        driver.get(TELLS)
        assert driver.title == ("scripts" if scripts else "none")
        yield Person(driver, site.url, size[0])
