"""A short walk for a browser: which pages there are, and not whether all of it works.

Links are followed to a few pages of each route; each kind of button is pressed once, to
find the pages that ask for confirmation. All of it is undone.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction

from tests.pages.offers import Form
from tests.pages.walk import Walk, same_site, shape, ways_to_send

#: How many pages of a route are looked at, of whoever sees them: where states look
#: another way each, several.
USUALLY, USUALLY_OF_ADMIN = 2, 1
MOST = {
    "imports/<import_id>/": 6,
    "admin/imports/import/": 2,
    "admin/imports/import/<path:object_id>/change/": 5,
    "admin/imports/revertbatch/<path:object_id>/change/": 7,
}
#: Pages that are the same for all kinds of things.
ALIKE = ("/history/", "/delete/")


@dataclass(frozen=True)
class Stop:
    """A page to look at: its address, and what is sent from there to come to another.

    `sent` are (name, value) or (name, file name, content), to `to`.
    """

    address: str
    to: str = ""
    sent: tuple = ()

    def __str__(self) -> str:
        buttons = [f"{name}={value}" for name, value, *_ in self.sent if name in NAMED]
        return " ".join((self.address, self.to, *buttons)).strip()


#: Where forms lead to that end a session.
LEAVES = re.compile(r"logout|sign-out|login|sign-in")
NAMED = ("action", "do", "_revert", "_restore")


@dataclass
class Tour(Walk):
    """`stops` are the pages, but for what was `met` by others before."""

    met: Counter = field(default_factory=Counter)
    stops: list[Stop] = field(default_factory=list)

    def go(self) -> "Tour":
        self.pressed: set[str] = set()
        self.landed: dict[str, Stop] = {}  # routes to which a button leads
        with transaction.atomic():
            super().go()
            transaction.set_rollback(True)
        for route, addresses in self.pages.items():
            for address in addresses:
                self.stop_at(Stop(address), kind_of(route), most_of(route))
        for route, stop in self.landed.items():
            if not self.met[kind_of(route)]:
                self.stop_at(stop, kind_of(route), 1)
        return self

    def stop_at(self, stop: Stop, kind: str, most: int) -> None:
        if self.met[kind] < most:
            self.met[kind] += 1
            self.stops.append(stop)

    def meet(self, address: str, page: str) -> bool:
        """Queue some of each route, which may have moved on to another page."""
        route, names = shape(address)
        if address in self.seen or names & {"_popup", "_changelist_filters"}:
            return False
        self.seen.add(address)
        self.opened[route] += 1
        if self.opened[route] > 3 * most_of(route):
            return False
        self.queue.append((address, page))
        return True

    def try_form(self, form: Form, page: str, trail: tuple[str, ...]) -> None:
        """Press each button once, and note the pages that come at once."""
        for _, data, (name, value, other, how) in ways_to_send(form):
            to = same_site(page, other or form.action or page)
            if to is None or (how or form.method) == "get" or LEAVES.search(to):
                continue
            chosen = [value for name, value in data if name == "action"]
            key = f"{shape(to)[0]} {name}={value} {chosen}"
            if key not in self.pressed and not self.met[key]:
                self.pressed.add(key)
                self.press(Stop(page, to, tuple(map(as_sent, data))), data, key)

    def press(self, stop: Stop, data, key) -> None:
        with self.undone():
            answer = self.send("POST", stop.to, data, stop.address)
            is_page = "text/html" in answer.get("Content-Type", "")
            if answer.status_code >= 500 or not is_page:
                return
            if answer.redirect_chain:
                self.landed.setdefault(shape(answer.address)[0], stop)
            else:
                self.stop_at(stop, key, 1)


def most_of(route: str) -> int:
    usually = USUALLY_OF_ADMIN if route.startswith("admin/") else USUALLY
    return MOST.get(route, usually)


def kind_of(route: str) -> str:
    return next((end for end in ALIKE if route.endswith(end)), route)


def as_sent(pair) -> tuple:
    name, value = pair
    if isinstance(value, str):
        return name, value
    value.seek(0)
    return name, value.name, value.read().decode()
