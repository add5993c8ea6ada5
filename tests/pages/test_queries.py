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
MOST = 45  # statements of any page
MOST_BYTES = 150_000
TRIED_OUT_OF = ("/revert/", "/restore/")  # these run the verb, and roll it back
MOST_TRIED_OUT = 90


def statements_of(many):
    """Each page's number of statements, and what else is to be known of its answer."""
    found = []
    for who, path, line in pages_of(many):
        client = Client()
        client.force_login(getattr(many, who))
        client.get(path)  # what is looked up once, of sessions and content types
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        sqls = [each["sql"] for each in queries]
        found.append((path, line, answer, sqls))
    return found


@pytest.mark.django_db
def test_no_page_asks_row_by_row(settings):
    settings.RATE_LIMITS = False
    settings.PREVIEW_SCORES = 10 * MANY
    few = statements_of(make_many(FEW, FEW, FEW))
    many = statements_of(make_many(MANY, MANY, MANY))
    wrong = []
    for (path, line, one, asked), (other, _, answer, more) in zip(
        few, many, strict=True
    ):
        most = MOST_TRIED_OUT if path.endswith(TRIED_OUT_OF) else MOST
        for where, what in ((path, one), (other, answer)):
            if what.status_code != 200:
                wrong.append((where, what.status_code, what.get("Location")))
        if len(more) > len(asked) + line.more or len(more) > most:
            wrong.append((other, len(asked), len(more)))
        if len(answer.content) > MOST_BYTES:
            wrong.append((other, "bytes", len(answer.content)))
    assert wrong == []


def test_every_page_has_a_line():
    """A new page of the owners, or model of the admin, has to be in the table."""
    names = {each.name for each in urls.urlpatterns if each.name}
    assert names == OWNERS.keys() | NO_PAGES.keys()
    models = {model._meta.label_lower for model in admin.site._registry}
    assert models == ADMIN.keys()
