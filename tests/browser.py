"""Debian's chromium and chromium-driver, for tests of pages."""

import os
import shutil
from contextlib import contextmanager

import pytest
from selenium import webdriver

PATIENCE = 60  # seconds
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NO_SCRIPTS = "profile.managed_default_content_settings.javascript"


@contextmanager
def chromium(folder, width, height, *, scripts=True):
    """A browser with a window of that size, or a phone where it is narrow.

    Without `scripts` no page can run any, as some people have it.

    Without chromium the test is skipped, but not in CI. It fails where a page has
    something in it that our Content-Security-Policy stops.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        missing = "There is no chromium with its driver to test with."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = program
    size = f"--window-size={width},{height}"
    for switch in (*SWITCHES, size, f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(switch)
    if width < 500:  # no window is that narrow
        screen = {"width": width, "height": height, "pixelRatio": 1.0}
        emulation = {"deviceMetrics": screen}
        options.add_experimental_option("mobileEmulation", emulation)
    if not scripts:
        options.add_experimental_option("prefs", {NO_SCRIPTS: 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    with webdriver.Chrome(options, service) as opened:
        yield opened
        assert stopped(opened) == []


def stopped(driver):
    """What our Content-Security-Policy has stopped, by the browser's log so far."""
    log = [each["message"] for each in driver.get_log("browser")]
    return [each for each in log if "Content Security Policy" in each]
