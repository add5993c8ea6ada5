"""A database of the first release, migrated to now: nothing is lost, all goes on.

`migrations/rows_at_0001.json` has its rows, as that release wrote them. The player
"traveller" has three imports, of which the third was reverted, a fourth, whose worker
died, and a fifth, queued behind it; "bystander" has one that is queued.
"""

import base64
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django_q.models import OrmQ

from imports.models import Import, State
from imports.queue import sweep
from imports.tasks import run_import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Chart, Score
from tachi.accounts.models import User
from tests.factories import OPERATOR, make_import, play
from tests.imports.scratch import scratch_database

ROWS = Path(__file__).parent / "migrations" / "rows_at_0001.json"
FIRST_RELEASE = [
    ("accounts", "0001_initial"),
    ("imports", "0001_initial"),
    ("scores", "0001_initial"),
]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), scratch_database(folder, FIRST_RELEASE):
        store_rows()
        call_command("migrate", verbosity=0)
        yield


@pytest.fixture(autouse=True)
def each_test_is_rolled_back(migrated):
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store_rows():
    """Insert the rows by the models as they were."""
    loader = MigrationLoader(connection)
    old = loader.project_state(FIRST_RELEASE).apps
    tables = json.loads(ROWS.read_text(encoding="utf-8"))
    stored = []
    for label, rows in tables.items():
        model = old.get_model(label)
        columns = {each.attname: each for each in model._meta.concrete_fields}
        assert rows, label
        assert all(row.keys() == columns.keys() for row in rows)
        model._base_manager.bulk_create(
            model(**{name: value_of(columns[name], row[name]) for name in columns})
            for row in rows
        )
        stored.append(model)
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), stored):
            cursor.execute(sql)


def value_of(field, value):
    if type(field) is models.BinaryField and value is not None:
        return base64.b64decode(value)
    return field.to_python(value)


def player():
    return User.objects.get(username="traveller")


def import_of(service):
    return Import.objects.get(service=service)


def owners():
    scores = Score.objects.filter(user=player()).order_by("pk")
    return list(scores.values_list("source_import__service", "comment"))


def woken():
    """The imports for which a worker was woken; now the workers know."""
    pks = [wake_up.task["args"][0] for wake_up in OrmQ.objects.order_by("pk")]
    OrmQ.objects.all().delete()
    return pks


def test_what_is_derived_is_right_for_every_player():
    assert [check_user(user.pk) for user in User.objects.all()] == [[], []]
    assert Score.objects.exists()


def test_an_import_is_read_as_before(api):
    first = import_of("first")
    body = api.get(f"/api/v1/imports/{first}").json()["body"]
    assert len(body["import"]["scoreIDs"]) == len(body["scores"]) == 2
    assert [each["comment"] for each in body["scores"]] == ["first", None]
    assert body["import"]["counts"]["imported"] == 2


def test_imports_that_waited_are_woken_in_order_and_run_to_their_ends():
    died, behind, lone = Import.objects.unfinished().order_by("pk")
    assert (died.user, behind.user) == (player(), player())
    assert behind.lease_until is None
    assert behind.wake_again_at is not None

    sweep.sweep()
    assert woken() == [died.pk, lone.pk]
    for import_ in (lone, died):
        run_import(import_.pk)
    assert woken() == [behind.pk]
    run_import(behind.pk)

    ended = Import.objects.filter(pk__in=(died.pk, behind.pk, lone.pk)).order_by("pk")
    assert [each.state for each in ended] == [State.COMPLETED] * 3
    assert [each.counts["imported"] for each in ended] == [1, 1, 1]
    assert [each.service for each in ended] == ["running", "queued", "lone"]
    assert [each.sequence for each in ended] == [4, 5, 1]
    assert [check_user(user.pk) for user in User.objects.all()] == [[], []]


def test_a_reverted_import_can_be_restored():
    before = owners()
    third = import_of("third")
    assert restore_import(third, OPERATOR) == 1
    first, second, *others = before
    filled = ("first", "third")  # what the first left out
    assert second == ("first", None)
    assert owners() == [first, filled, *others, ("third", None)]
    assert third.orphans.count() == 1
    third.refresh_from_db()
    assert third.context["service"] == "third"
    assert check_user(player().pk) == []

    assert revert_import(third, OPERATOR).scores == 1
    assert owners() == before
    assert check_user(player().pk) == []


def test_orphans_have_the_context_that_they_had():
    second = import_of("second")
    game = {"game": "sdvx", "playtype": "Single", "version": None}
    assert second.context == {"service": "second", **game}
    assert second.orphans.count() == 1


def test_later_claims_are_known_to_a_revert():
    assert owners() == [("first", "first"), ("first", None), ("second", None)]
    revert_import(import_of("first"), OPERATOR)
    assert owners() == [("second", "second"), ("second", None)]
    assert check_user(player().pk) == []


def test_new_imports_come_after_the_old_ones():
    import_ = make_import(player(), play(Chart.objects.first()))
    assert import_.sequence == 4
    assert check_user(player().pk) == []
