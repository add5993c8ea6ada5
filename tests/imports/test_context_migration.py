"""The context of orphans moves to their import, and back, with what a revert keeps."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from imports.models import Import, Orphan
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tests.factories import OPERATOR, make_import, make_user, play
from tests.imports.scratch import scratch_database


@pytest.fixture
def scratch(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path):
        yield


def test_the_context_of_orphans_goes_to_their_import_and_back(scratch):
    user = make_user()
    imports = [
        make_import(user, play(number), play(number + 1), service=f"service {number}")
        for number in (10, 20, 30)
    ]
    contexts = {each.pk: each.context for each in imports}
    assert [each["service"] for each in contexts.values()] == [
        "service 10",
        "service 20",
        "service 30",
    ]
    kept = orphans()
    revert_import(imports[2], OPERATOR)

    before = before_the_move()
    call_command("migrate", *before, verbosity=0)
    old = MigrationLoader(connection).project_state(before).apps
    moved = old.get_model(*ORPHAN).objects.values_list("source_import", "context")
    assert sorted(moved, key=lambda row: row[0]) == [
        (each.pk, contexts[each.pk]) for each in imports[:2] for _ in range(2)
    ]

    call_command("migrate", verbosity=0)
    there = dict(Import.objects.values_list("pk", "context"))
    assert there == contexts | {imports[2].pk: {}}
    restore_import(imports[2], OPERATOR)
    assert orphans() == kept
    assert dict(Import.objects.values_list("pk", "context")) == contexts


ORPHAN = ("imports", "Orphan")


def orphans():
    names = ("source_import", "orphan_id", "position", "data", "message")
    return list(Orphan.objects.order_by("source_import", "position").values(*names))


def before_the_move():
    """The migration before, whatever its number."""
    migrations = MigrationLoader(connection).disk_migrations
    [move] = [
        each
        for (app, name), each in migrations.items()
        if app == "imports" and name.endswith("_context")
    ]
    return next(each for each in move.dependencies if each[0] == "imports")
