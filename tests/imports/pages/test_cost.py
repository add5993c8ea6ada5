"""What the owners' pages cost, with one row and with five hundred."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import Import, Revert, State
from tests.factories import HOUR, NOON, make_import, make_row, play
from tests.imports.pages.site_pages import IMPORTS, ORPHANS, page_of

pytestmark = pytest.mark.django_db
MANY = 500
MOST_BYTES = 150_000
STATIC = ("tachi/static/tachi/parts.css",)


def asked(client, path):
    """How many statements a page took; it is not too large."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(answer.content) < MOST_BYTES - 40_000  # what the files take
    return len(queries)


def sent(owner, charts, count):
    """An import of as many new, held, orphaned and rejected rows each."""
    plays = [
        play(charts[0], score=9_000_000 - n, time=NOON + n * 3 * HOUR)
        for n in range(count)
    ]
    make_import(owner, *plays)
    return make_import(
        owner,
        *plays,
        *(play(charts[1], score=9_000_000 - n, time=NOON + n) for n in range(count)),
        *(play(100_000 + n) for n in range(count)),
        *(play(charts[2], time=2 * NOON + n) for n in range(count)),
    )


def test_no_page_of_an_import_asks_row_by_row(client, owner, charts, settings):
    settings.PREVIEW_SCORES = 10_000
    counted = []
    for count in (1, MANY):
        import_ = sent(owner, charts, count)
        counted.append(
            [
                asked(client, page)
                for page in (
                    page_of(import_),
                    page_of(import_, "rows"),
                    f"{page_of(import_, 'rows')}?outcome=held",
                    ORPHANS,
                )
            ]
        )
    one, many = counted
    assert max(b - a for a, b in zip(one, many, strict=True)) <= 2, counted
    assert max(many) < 25


def test_no_list_asks_import_by_import(client, owner, charts):
    def reverted(count):
        for _ in range(count):
            import_ = make_row(
                owner, state=State.REVERTED, sequence=Import.objects.count() + 1
            )
            Revert.objects.create(of_import=import_, origin="api", snapshot=b"x")

    reverted(1)
    one = asked(client, IMPORTS)
    reverted(40)
    Import.objects.bulk_create(
        Import(user=owner, import_type="file/batch-manual", counts={"imported": 1})
        for _ in range(MANY)
    )
    assert asked(client, IMPORTS) <= one
    assert asked(client, f"{IMPORTS}?state=reverted") == one
    assert one < 12


def test_a_page_takes_less_than_a_tenth_of_a_second(client, owner, charts):
    import_ = sent(owner, charts, MANY)
    for page in (page_of(import_), page_of(import_, "rows"), IMPORTS, ORPHANS):
        client.get(page)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            client.get(page)
            took.append(time.perf_counter() - began)
        assert min(took) < 0.1, page


def test_what_a_page_loads_is_small():
    from tests.commands import ROOT

    static = ROOT / "imports/static/pages"
    files = [*static.iterdir(), ROOT / STATIC[0]]
    assert sum(each.stat().st_size for each in files if each.is_file()) < 40_000
