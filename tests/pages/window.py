"""What is wrong with a page, as a browser shows it: wide and narrow, light and dark."""

import json
from importlib.resources import files
from time import monotonic, sleep

from django.conf import settings

from tests.browser import PATIENCE
from tests.pages.tour import Stop

#: https://github.com/dequelabs/axe-core
AXE = files("selenium_axe_python").joinpath("axe-core", "axe.min.js")
DESK, PHONE = (1280, 800), (390, 844)
SERIOUS = ("serious", "critical")
LARGEST = 150_000  # bytes of a page with all that it loads, as they are unzipped

#: With the rules that are named, or all: [rule, selector, what is to do].
RUN_AXE = """
(async (rules, impacts) => {
  document.getAnimations().forEach((each) => each.finish());
  const how = {resultTypes: ['violations'], preload: false};
  if (rules.length) how.runOnly = {type: 'rule', values: rules};
  const found = await axe.run(document, how);
  return found.violations.filter((each) => impacts.includes(each.impact)).flatMap(
    (each) => each.nodes.map((node) =>
      `${each.id} ${node.target.join(' ')}: ${node.failureSummary.split('\\n')[1]}`));
})(%s, %s)
"""
#: How wide the page is, and what is cut off or to be scrolled sideways within it.
MEASURE = """
(() => {
  const found = [], name = (it) => it.localName + (it.id ? '#' + it.id : '') +
    [...it.classList].map((each) => '.' + each).join('');
  const wide = document.documentElement.scrollWidth;
  if (wide > %d) found.push(`scrolls sideways: ${wide} pixels`);
  for (const it of document.body.querySelectorAll('*')) {
    if (it.clientWidth < 2 || it.scrollWidth <= it.clientWidth + 1) continue;
    if (it.matches('select, input, textarea, option')) continue;
    const style = getComputedStyle(it);
    if (style.visibility === 'hidden' || style.overflowX === 'visible') continue;
    if (!it.checkVisibility()) continue;
    const how = ['auto', 'scroll'].includes(style.overflowX) ? 'scrolls' : 'cut off';
    if (it.innerText.trim()) found.push(`${how}: ${name(it)}`);
  }
  return found;
})()
"""
WEIGH = """
performance.getEntries().filter((each) => 'decodedBodySize' in each)
  .map((each) => [new URL(each.name).pathname, each.decodedBodySize])
"""
SEND = """
const [to, sent] = arguments, form = document.createElement('form');
window.before = true;
const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
form.method = 'post';
form.action = to;
form.enctype = 'multipart/form-data';
for (const [name, value, content] of sent) {
  const field = document.createElement('input');
  field.name = name;
  if (content === undefined) {
    field.value = name === 'csrfmiddlewaretoken' ? token : value;
  } else {
    const files = new DataTransfer();
    files.items.add(new File([content], value));
    field.type = 'file';
    field.files = files.files;
  }
  form.append(field);
}
document.body.append(form);
form.submit();
"""
ARRIVED = "return !window.before && document.readyState === 'complete'"


class Window:
    """A browser with axe-core in it."""

    def __init__(self, driver, site: str) -> None:
        self.driver, self.site = driver, site
        self.tell("Page.addScriptToEvaluateOnNewDocument", source=AXE.read_text())

    def tell(self, command: str, **said):
        return self.driver.execute_cdp_cmd(command, said)

    def sign_in(self, client) -> None:
        """As who is signed in with this client."""
        self.tell("Network.clearBrowserCookies")
        for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            if name in client.cookies:
                value = client.cookies[name].value
                self.tell("Network.setCookie", url=self.site, name=name, value=value)

    def open(self, stop: Stop) -> None:
        self.driver.get(self.site + stop.address)
        if stop.to:
            self.driver.execute_script(SEND, stop.to, stop.sent)
            deadline = monotonic() + PATIENCE
            while not self.driver.execute_script(ARRIVED):
                assert monotonic() < deadline, stop
                sleep(0.01)

    def faults(self) -> list[str]:
        """Of the page that is open, in all variants."""
        found = self.weight() + self.log()
        for screen, colours, rules in (
            (DESK, "light", []),
            (DESK, "dark", ["color-contrast"]),
            (PHONE, "dark", []),
            (PHONE, "light", ["color-contrast"]),
        ):
            self.show(screen, colours)
            here = self.axe(rules)
            here += self.value(MEASURE % screen[0]) if not rules else []
            found += [f"{screen[0]} {colours}: {each}" for each in here]
        self.show(DESK, "light")
        return found + self.log()

    def show(self, screen: tuple[int, int], colours: str) -> None:
        width, height = screen
        more = {"deviceScaleFactor": 1, "mobile": screen == PHONE}
        size = {"width": width, "height": height}
        self.tell("Emulation.setDeviceMetricsOverride", **size, **more)
        scheme = {"name": "prefers-color-scheme", "value": colours}
        self.tell("Emulation.setEmulatedMedia", features=[scheme])

    def axe(self, rules: list[str]) -> list[str]:
        return self.value(RUN_AXE % (json.dumps(rules), json.dumps(SERIOUS)))

    def weight(self) -> list[str]:
        bodies = dict(self.value(WEIGH))
        total = sum(bodies.values())
        if total <= LARGEST:
            return []
        largest = sorted(bodies.items(), key=lambda each: -each[1])[:6]
        return [f"weighs {total:,} bytes: {largest}"]

    def log(self) -> list[str]:
        """What the browser has complained about."""
        said = [
            each["message"]
            for each in self.driver.get_log("browser")
            if each["level"] == "SEVERE" or "Security Policy" in each["message"]
        ]
        itself = f"{self.driver.current_url} - Failed to load resource"  # it is a 400
        return [each for each in said if not each.startswith(itself)]

    def value(self, expression: str):
        said = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = self.tell("Runtime.evaluate", **said)
        assert "exceptionDetails" not in answer, answer
        return answer["result"]["value"]
