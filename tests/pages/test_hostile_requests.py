"""Whatever is put into an address or a form: an answer in words, and never a fault."""

import re
from itertools import product

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.pages.world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PREFIXES = ("admin/", "batches/", "imports/", "notices/", "orphans/", "password/")
PREFIXES += ("sign-in/", "sign-out/", "tokens/", "wipe/")
PARAMETER = re.compile(r"<(?:\w+:)?\w+>")
#: What stands in an address for an id.
IDS = [
    "9" * 30,
    "-1",
    "%00",
    "%FF%FE%E2%80%AE",
    "_00",
    "x" * 3000,
    "..%2f..%2fetc",
    "%0d%0aX-Injected:%201",
]
#: Names of parameters that some page reads, and what is put into each.
NAMES = """page p q o e all state game importType import after outcome next since until
    token service user username batch verb act notice orphan reason fingerprint imports
    select_across _selected_action action index back confirmed id import_id players
    position playtype origin kind client cursor limit search name identifier permissions
    profile password _popup _to_field run_again note batch_id by of job rule text
    _changelist_filters old_password new_password1 new_password2 file""".split()
VALUES = ["9" * 20, "%FF%ED%A0%80%E2%80%AE%3Cscript%3Ealert(1)%3C/script%3E"]
METHODS = "GET HEAD OPTIONS PUT PATCH DELETE TRACE POST".split()


def routes(patterns=None, prefix=""):
    """Every address of a page, with its parameters as they are declared."""
    for each in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            route = route.replace("^", "").replace("$", "").replace(r"\Z", "")
            if route == "" or route.startswith(PREFIXES):
                yield route
        else:
            yield from routes(each.url_patterns, route)


def real_ids(world):
    """Of things that are there."""
    good, batch = world.imports["good"], world.batches["draft"]
    ids = [good.import_id, world.imports["reverted"].import_id, batch.batch_id]
    names = (
        "imports.Import",
        "imports.RevertBatch",
        "imports.Revert",
        "imports.Orphan",
    )
    for name in names:
        row = apps.get_model(name)._base_manager.order_by("pk").last()
        if row is not None:
            ids.append(str(row.pk))
    return list(dict.fromkeys(ids))[:6]


def filled(route, ids):
    if not PARAMETER.search(route):
        return ["/" + route]
    return ["/" + each.join(PARAMETER.split(route)) for each in ids]


@pytest.fixture
def world(db, settings):
    settings.RATE_LIMITS = False
    return make_world()


def client_of(world, kind):
    client = Client(raise_request_exception=False)
    if world.people[kind]:
        client.force_login(world.people[kind])
    return client


def faults_of(answers):
    faults = []
    for what, answer in answers:
        if answer.status_code >= 500:
            broken = getattr(answer, "exc_info", None)
            why = f"{type(broken[1]).__name__} {broken[1]}"[:120] if broken else ""
            faults.append(f"{what[:150]}: {answer.status_code} {why}")
        if "X-Injected" in answer.headers:
            faults.append(f"{what[:150]}: a header was injected")
    return faults


KINDS = ["player", "superuser"]


@pytest.mark.parametrize("kind", KINDS)
def test_ids_in_addresses(world, kind):
    client = client_of(world, kind)
    answers = [
        (f"{method} {address}", client.generic(method, address))
        for route in routes()
        for address in filled(route, IDS)
        for method in ("GET", "POST")
    ]
    assert len(answers) > 100
    assert faults_of(answers) == []


@pytest.mark.parametrize("kind", ["superuser"])
def test_parameters(world, kind):
    client = client_of(world, kind)
    answers, ids = [], real_ids(world)
    for route, value in product(list(routes()), VALUES):
        if "logout" in route or "sign-out" in route:
            continue
        for address in filled(route, ids):
            query = "&".join(f"{name}={value}" for name in NAMES)
            answers.append((f"GET {address}?{value}", client.get(f"{address}?{query}")))
    assert faults_of(answers) == []


@pytest.mark.parametrize("kind", ["superuser"])
def test_forms(world, kind):
    answers, ids = [], real_ids(world)
    client = client_of(world, kind)
    for route, value in product(list(routes()), VALUES):
        if "logout" in route or "sign-out" in route:
            continue
        for address in filled(route, ids):
            sent = "&".join(f"{name}={value}" for name in NAMES)
            answer = client.generic(
                "POST", address, sent, "application/x-www-form-urlencoded"
            )
            answers.append((f"POST {address} {value}", answer))
    assert faults_of(answers) == []


@pytest.mark.parametrize("kind", ["superuser"])
def test_methods(world, kind):
    client = client_of(world, kind)
    answers, ids = [], real_ids(world)
    for route, method in product(list(routes()), METHODS):
        if "logout" in route or "sign-out" in route:
            continue
        for address in filled(route, ids):
            answers.append((f"{method} {address}", client.generic(method, address)))
    assert faults_of(answers) == []
