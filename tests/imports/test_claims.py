import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.models import Score
from scores.seeds.identifiers import fold
from tests.factories import (
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
    store_names,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


def rewritten(act):
    """How many imports' claims were written anew."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    updates = [
        query["sql"]
        for query in queries
        if query["sql"].startswith('UPDATE "imports_import" SET "later_claims" = ')
    ]
    return sum(sql.count("WHEN") for sql in updates)


def test_only_the_claims_of_the_next_owner_are_written_when_all_said_the_same(user):
    plays = [play(make_chart(), 9_000_000, NOON) for _ in range(3)]
    first, *_ = [make_import(user, *plays) for _ in range(6)]
    before = state_of(user)
    assert rewritten(lambda: revert_import(first, OPERATOR)) == 1
    assert rewritten(lambda: restore_import(first, OPERATOR)) == 1
    assert state_of(user) == before


def test_claims_keep_what_they_said_when_owners_come_and_go(user):
    chart = make_chart()
    comments = ["one", None, "three", "one"]
    imports = [
        make_import(user, play(chart, 9_000_000, NOON + n, comment=comment))
        for n, comment in enumerate(comments)
    ]
    before = state_of(user)
    for import_, comment in zip(imports, comments, strict=True):
        assert Score.objects.get(user=user).comment == comment
        revert_import(import_, OPERATOR)
    for n in (2, 0, 3, 1):
        restore_import(imports[n], OPERATOR)
    assert state_of(user) == before


def test_an_orphan_does_not_change_what_its_import_said_first(user):
    chart = make_chart()
    first = make_import(user, play(chart, 9_000_000, NOON), service="first")
    by_title = {"matchType": "songTitle", "identifier": "Another Name"}
    make_import(
        user,
        play(chart, 9_000_000, NOON, comment="said first"),
        play(chart, 9_000_000, NOON, comment="said later", **by_title),
        service="second",
    )
    store_names("sdvx", [("title", fold("Another Name"))], song=chart.song)
    assert reprocess(user)["removed"] == 1
    revert_import(first, OPERATOR)
    assert Score.objects.get(user=user).comment == "said first"
