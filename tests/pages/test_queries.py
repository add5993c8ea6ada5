"""No page asks row by row: as many statements for five hundred as for one."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from imports.pages import urls
from tests.pages.every_page import ADMIN, NO_PAGES, OWNERS, pages_of
from tests.pages.many import make_many

FEW, MANY = 1, 500
MOST = 30  # statements of a page
MOST_TRIED_OUT = 80  # of one that runs the verb, and rolls it back
MOST_BYTES = 80_000  # of HTML; the files are some 70 KB more


def asked(many):
    """Address, line, answer and statements of each page."""
    clients = {who: Client() for who in ("owner", "mod")}
    for who, client in clients.items():
        client.force_login(getattr(many, who))
    for who, path, line in pages_of(many):
        with CaptureQueriesContext(connection) as queries:
            answer = clients[who].get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers)
        yield path, line, answer, len(queries)


@pytest.mark.django_db
def test_no_page_asks_row_by_row(settings):
    settings.RATE_LIMITS = False
    settings.PREVIEW_SCORES = 10 * MANY  # so that previews are made of all
    one = make_many(FEW, FEW, FEW)
    list(asked(one))  # what is looked up once, as of content types
    few, many = list(asked(one)), list(asked(make_many(MANY, MANY, MANY)))
    wrong = []
    for (_, line, _, before), (path, _, page, now) in zip(few, many, strict=True):
        most = MOST_TRIED_OUT if line.tries_out else MOST
        if now > min(before + line.more, most):
            wrong.append(f"{path}: {before} statements for one row, {now} for {MANY}")
        if len(page.content) >= MOST_BYTES:
            wrong.append(f"{path}: {len(page.content)} bytes")
    assert wrong == []


def test_every_page_has_a_line():
    """A new page of the owners, or model of the admin, has to be in the table."""
    names = {each.name for each in urls.urlpatterns if each.name}
    assert names == OWNERS.keys() | NO_PAGES.keys()
    models = {model._meta.label_lower for model in admin.site._registry}
    assert models == ADMIN.keys()
