"""Walking through a site as somebody does who tries every link and every button.

Links are followed, forms are sent with what they show. What a POST changes is undone
before the next one: so the last button of a confirmation is pressed, too.
"""

import copy
import re
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import Resolver404, resolve

from tachi.moderation.models import Entry
from tests.pages.offers import Field, Form, Page

STARTS = ("/", "/imports/", "/admin/")
HERE = "http://testserver"
LOGIN = re.compile(r"/(login|sign-in)/?$")
#: What a page tells whoever may not do what it has offered.
REFUSAL = re.compile(
    r"permission|not allowed|may not|forbidden|need an? (administrator|moderator)"
    r"|not yours|not authori[sz]ed",
    re.IGNORECASE,
)
#: Addresses of one route with the same parameters, that are opened.
PAGES, WITH_PARAMETERS = 20, 3
#: Of one route, one after the other, that offer nothing new: then no more are opened.
ALIKE = 8
#: How often a form is sent that is on several pages of a route.
TIMES = 3
DEEPEST = 4  # pages of a confirmation, one after the other
CHOICES = 20  # of a select, of which each is sent once
FILLED = "(filled in)"
PAGING = {"p", "page", "cursor", "before", "after", "start"}
MOST_REQUESTS = 4000  # of one walk
#: What is typed into a field that must not be empty, by its kind.
TYPED = {"number": "1", "date": "2030-01-01", "datetime-local": "2030-01-01T00:00"}
TYPED |= {"email": "somebody@example.org", "password": "correct horse battery"}
TYPED_INTO = {"text", "search", "url", "tel", *TYPED}
FILE = b'{"meta": {"game": "sdvx", "playtype": "Single", "service": "x"}, "scores": []}'


@dataclass(frozen=True)
class Fault:
    """Something that a page offered and that did not work."""

    page: str  # the route of the page that offered it
    what: str  # "GET /address" or "POST /address button=…"
    answer: str

    def __str__(self) -> str:
        return f"{self.page or 'nobody'} offers {self.what}: {self.answer}"


@dataclass
class Walk:
    """What somebody finds from `STARTS` on. `pages` are the HTML pages that opened:
    route → addresses. `acts` are the acts in the moderation log of what was tried.
    """

    client: object
    signed_in: bool
    starts: tuple[str, ...] = STARTS
    faults: list[Fault] = field(default_factory=list)
    pages: dict[str, list[str]] = field(default_factory=dict)
    acts: set[str] = field(default_factory=set)
    tried: Counter = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    requests: int = 0

    def __post_init__(self) -> None:
        self.seen: set[str] = set()
        self.opened: Counter = Counter()
        self.offered: set[str] = set()  # routes of links, opened or not
        self.asked: set[str] = set()  # routes that were opened
        self.depth = 0
        self.combinations: set[tuple] = set()
        self.alike: Counter = Counter()
        self.queue: deque[tuple[str, str]] = deque()

    def go(self) -> "Walk":
        for address in self.starts:
            self.meet(address, "")
        while self.queue:
            self.visit(*self.queue.popleft())
        return self

    # Links

    def meet(self, address: str, page: str) -> bool:
        """Queue a link of a page, unless enough like it were opened."""
        if address in self.seen:
            return False
        self.seen.add(address)
        route, names = shape(address)
        self.offered.add(route)
        if narrows_further(address, page):
            return False
        most = WITH_PARAMETERS if names else PAGES
        self.opened[route, names] += 1
        if self.opened[route, names] > most:
            return False
        self.queue.append((address, page))
        return True

    def visit(self, address: str, page: str) -> None:
        """Open it, queue its links and try its forms."""
        if self.alike[shape(address)] >= ALIKE:
            return
        answer = self.send("GET", address, [], page)
        opened = self.read(answer, page, f"GET {address}")
        if opened is None:
            return
        if self.is_new(shape(address), opened, answer.address):
            route, _ = shape(answer.address)
            self.pages.setdefault(route, []).append(answer.address)
        self.follow(opened, answer.address)
        for form in opened.forms:
            self.try_form(form, answer.address, ())

    def is_new(self, of: tuple, opened: Page, address: str) -> bool:
        """Whether no page like it has offered just this before."""
        links = {same_site(address, each) for each in opened.links}
        offers = {shape(each) for each in links if each}
        sends = {(each.method, *names_of(each, address)) for each in opened.forms}
        combination = (of, frozenset(offers), frozenset(sends))
        if combination in self.combinations:
            self.alike[of] += 1
            return False
        self.combinations.add(combination)
        self.alike[of] = 0
        return True

    def follow(self, page: Page, address: str) -> None:
        for link in page.links:
            if to := same_site(address, link):
                self.meet(to, address)

    # Forms

    def try_form(self, form: Form, page: str, trail: tuple[str, ...]) -> None:
        """Send it in each way. `trail` are the buttons that have led to it."""
        to = same_site(page, form.action or page)
        if to is None:
            return
        for label, data, button in ways_to_send(form):
            if label in trail:  # it came back: with what was left empty filled in
                label, data = FILLED, filled(form, data)
                if FILLED in trail or data is None:
                    continue
            _, _, other, how = button
            method = (how or form.method).upper()
            address = same_site(page, other) if other else to
            names = frozenset(each.name for each in form.fields)
            key = (shape(page), shape(address)[0], method, names, label, trail)
            self.tried[key] += 1
            if self.tried[key] > (1 if self.depth else TIMES):
                continue
            if method == "GET":
                self.meet(f"{address.partition('?')[0]}?{urlencode(plain(data))}", "")
            else:
                self.post(address, data, page, (*trail, label))

    def post(self, address, data, page, trail) -> None:
        """Send it, look at what comes, go on from there, and undo all of it."""
        with self.undone():
            answer = self.send("POST", address, data, page)
            what = f"POST {address} {' → '.join(trail)}".strip()
            opened = self.read(answer, page, what)
            self.acts |= set(Entry.objects.values_list("verb", flat=True))
            if opened is None or self.depth >= DEEPEST:
                return
            # A page that came at once asks for confirmation. Where it leads to is one
            # like others: what was tried there is not tried again.
            further = () if answer.redirect_chain else trail
            with self.deeper():
                for form in opened.forms:
                    if form.method == "post":
                        self.try_form(form, answer.address, further)

    @contextmanager
    def deeper(self):
        self.depth += 1
        yield
        self.depth -= 1

    @contextmanager
    def undone(self):
        """What happens in the block leaves no trace, here or in the client."""
        if not transaction.get_connection().in_atomic_block:
            raise AssertionError("Walk within a transaction, or what is posted stays.")
        cookies = copy.deepcopy(self.client.cookies)
        try:
            with transaction.atomic():
                Entry.objects.all().delete()
                yield
                transaction.set_rollback(True)
        finally:
            self.client.cookies = cookies

    # Requests

    def send(self, method, address, data, page):
        """The answer to the end of its redirects, with its `address`."""
        self.requests += 1
        self.asked.add(shape(address)[0])
        headers = {"Referer": HERE + page} if page else {}
        if method == "GET":
            answer = self.client.get(address, headers=headers, follow=True)
        else:
            sent: dict = {}
            for name, value in data:
                sent.setdefault(name, []).append(value)
            answer = self.client.post(address, sent, headers=headers, follow=True)
        asked = answer.request
        query = asked["QUERY_STRING"]
        answer.address = asked["PATH_INFO"] + (f"?{query}" if query else "")
        return answer

    def read(self, answer, page: str, what: str) -> Page | None:
        """The page that came; None where none did, and a fault where one should."""
        route = shape(page)[0] if page else ""
        status = answer.status_code
        if shows_again(answer):
            return None
        if status >= 400 and (page or status >= 500):
            self.faults.append(Fault(route, what, said_of(answer)))
        if status != 200 or "text/html" not in answer.get("Content-Type", ""):
            b"".join(answer)  # to its end: a faulty stream breaks here
            return None
        opened = Page(answer.content.decode())
        to_sign_in = is_sign_in(answer.address)
        was_asked_for = is_sign_in(what.split()[1])
        signs_out = "logout" in what or "sign-out" in what
        if page and self.signed_in and to_sign_in and not (was_asked_for or signs_out):
            self.faults.append(Fault(route, what, "asks to sign in"))
        for text in opened.told:
            words = " ".join(text.split())
            self.told.add(words)
            if page and REFUSAL.search(words) and not is_sign_in(page):
                self.faults.append(Fault(route, what, words[:200]))
        return opened


def shows_again(answer) -> bool:
    """Whether a form comes back, and says what is wrong with what was typed: a wrong
    password, for one.
    """
    if answer.status_code not in (400, 403):
        return False
    page = Page(answer.content.decode())
    told = [words for words in page.told if words.strip()]
    posts = any(form.method == "post" for form in page.forms)
    if answer.status_code == 403:
        return posts and any("password" in words for words in told)
    return posts and bool(told) and not any(map(REFUSAL.search, told))


def is_sign_in(address: str) -> bool:
    return bool(LOGIN.search(urlsplit(address).path))


def said_of(answer) -> str:
    broken = getattr(answer, "exc_info", None)
    return f"{answer.status_code} {broken[1]!r}" if broken else str(answer.status_code)


def shape(address: str) -> tuple[str, frozenset[str]]:
    """The route of an address, and the names of its parameters that say something."""
    parts = urlsplit(address)
    try:
        route = resolve(parts.path).route
    except Resolver404:
        route = f"(nothing at {parts.path})"
    return route, frozenset(name for name, value in parse_qsl(parts.query) if value)


def narrows_further(address: str, page: str) -> bool:
    """Whether it is a second filter on a list: each is tried by itself, and paging."""
    if not page:
        return False
    (route, names), (from_, had) = shape(address), shape(page)
    return route == from_ and bool(had) and len(names - PAGING) > 1


def same_site(page: str, link: str) -> str | None:
    """The address that a link of a page leads to; None where that is elsewhere."""
    to = urlsplit(urljoin(HERE + page, link))
    if f"{to.scheme}://{to.netloc}" != HERE or link.startswith("#"):
        return None
    if to.path.startswith("/static/"):
        return None
    return to.path + (f"?{to.query}" if to.query else "")


def names_of(form: Form, page: str) -> tuple:
    """Where a form sends, its fields and its buttons."""
    to = same_site(page, form.action or page) or ""
    fields = frozenset(each.name for each in form.fields)
    return shape(to)[0], fields, frozenset(form.buttons)


def plain(data):
    return [(name, value) for name, value in data if isinstance(value, str)]


def ways_to_send(form: Form):
    """(label, what is sent, the button) for each way in which a form asks to be sent.

    With each button; with each choice of a select in which nothing is chosen; and with
    all boxes ticked, or as they are. What must not be empty is filled in.
    """
    buttons = form.buttons
    if not buttons and any(each.kind in TYPED_INTO for each in form.fields):
        buttons = [("", "", "", "")]  # Enter sends it
    for button, (select, choice), ticked in product(
        buttons, choices(form), ticks(form)
    ):
        data = [pair for each in form.fields for pair in sent_of(each, ticked)]
        if select:
            data = [pair for pair in data if pair[0] != select] + [(select, choice)]
        if button[0]:
            data.append(button[:2])
        words = [f"{name}={value}" for name, value in (button[:2], (select, choice))]
        label = " ".join(word for word in words if word != "=")
        yield label + (" (all ticked)" if ticked else ""), data, button


def filled(form: Form, data) -> list | None:
    """The same with a text in what is empty and takes one; None where nothing is."""
    empty = {each.name for each in form.fields if each.kind == "textarea"}
    empty -= {name for name, value in data if name in empty and value}
    rest = [(name, value) for name, value in data if name not in empty]
    return rest + [(name, "a test") for name in sorted(empty)] if empty else None


def choices(form: Form) -> list[tuple[str, str]]:
    for each in form.fields:
        if each.kind == "select" and not any(each.chosen) and "" in each.options[:1]:
            real = [value for value in each.options if value]
            if real:
                return [(each.name, value) for value in real[:CHOICES]]
    return [("", "")]


def ticks(form: Form) -> list[bool]:
    if form.method == "get":
        return [False]
    open_ = [each.name for each in form.fields if is_box(each) and not each.checked]
    if len(open_) > 1 and len(set(open_)) == 1:  # the rows of a list
        return [True]
    return [False, True] if open_ else [False]


def is_box(each: Field) -> bool:
    return each.kind == "checkbox"


def sent_of(each: Field, ticked: bool):
    """What a field sends."""
    if each.kind in ("checkbox", "radio"):
        if (
            each.checked
            or (ticked and is_box(each))
            or (each.required and is_box(each))
        ):
            yield each.name, each.value
    elif each.kind == "select":
        filled = next((value for value in each.options if value), "")
        first = [] if each.multiple else each.options[:1]
        value = each.chosen or ([filled] if each.required else first)
        yield from ((each.name, one) for one in value)
    elif each.kind == "file":
        if each.required:
            yield each.name, SimpleUploadedFile("scores.json", FILE)
    elif each.required and not each.value:
        yield each.name, TYPED.get(each.kind, "a test")
    else:
        yield each.name, each.value
