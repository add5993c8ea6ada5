from datetime import timedelta

import pytest
from django.utils import timezone

from imports.management.commands import restore_imports
from imports.models import Import, Revert, State
from imports.undo import restore as restore_module
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from tests.commands import call, failure, interrupted, run
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)
from tests.imports.scratch import scratch_database
from tests.state import state_of


@pytest.fixture
def before(user):
    """The state of a player with three imports that share a score and a session."""
    charts = [make_chart() for _ in range(4)]
    for n in (1, 2, 3):
        make_import(
            user,
            play(charts[0], 9_000_000, NOON + n * HOUR),
            play(charts[n], 9_100_000 + n, NOON + n * HOUR),
            play(4444, n),
        )
    return state_of(user)


@pytest.fixture
def imports(user, before):
    """The same three, reverted; the oldest first."""
    found = list(Import.objects.filter(user=user).order_by("pk"))
    for import_ in found:
        assert revert_import(import_, OPERATOR) is not None
    assert state_of(user) != before
    return found


def ids(imports):
    return [import_.import_id for import_ in imports]


def completed():
    return set(Import.objects.completed())


def test_imports_come_back_as_they_were(imports, before, user):
    out = call("restore_imports", *ids(imports))
    assert "Restored 3 imports with 4 scores." in out
    assert state_of(user) == before


def test_one_of_several_comes_back(imports, user):
    call("restore_imports", imports[1].import_id)
    assert completed() == {imports[1]}
    assert check_user(user.pk) == []


def test_it_is_on_record(imports):
    call("restore_imports", imports[0].import_id)
    record = Revert.objects.get(of_import=imports[0])
    assert (timezone.now() - record.restored_at).total_seconds() < 60
    assert (record.restored_by, record.snapshot) == (None, None)


def test_the_oldest_comes_first(imports, monkeypatch):
    order = []

    def note(import_, requested_by):
        order.append(import_)
        return restore_import(import_, requested_by)

    monkeypatch.setattr(restore_imports, "restore_import", note)
    call("restore_imports", *ids(imports[::-1]))
    assert order == imports


def test_an_unknown_id_is_named_and_nothing_is_restored(imports):
    _, reason = failure("restore_imports", imports[0].import_id, "f" * 40)
    assert f"There is no import {'f' * 40}." in reason
    assert completed() == set()


def test_restoring_what_is_there_is_no_failure(imports, before, user):
    call("restore_imports", *ids(imports))
    out = call("restore_imports", *ids(imports))
    assert "None of these imports is reverted." in out
    assert state_of(user) == before


def test_those_that_cannot_come_back_are_listed_and_the_others_do(
    imports, user, settings
):
    settings.REVERT_WAIT_SECONDS = 0.05
    too_old = timezone.now() - timedelta(days=settings.RESTORE_DAYS + 1)
    Revert.objects.filter(of_import=imports[0]).update(reverted_at=too_old)
    busy = make_import(make_user(), play(make_chart()))
    revert_import(busy, OPERATOR)
    Import.objects.create(
        user=busy.user,
        state=State.RUNNING,
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    out, reason = failure("restore_imports", *ids([*imports, busy]))
    assert "Restored 2 imports with 3 scores." in out
    assert reason.startswith("2 were not restored:")
    assert f"{imports[0]}: It was reverted more than 30 days ago, on " in reason
    assert f"{busy}: An import of this user is still running." in reason
    assert completed() == set(imports[1:])
    assert check_user(user.pk) == []


@pytest.mark.parametrize(
    ("place", "name"),
    [(restore_module, "insert_and_recalculate"), (Revert, "save")],
)
def test_it_may_be_interrupted_in_the_middle_and_run_again(
    imports, before, user, monkeypatch, place, name
):
    with interrupted(monkeypatch, place, name):
        out, reason = failure("restore_imports", *ids(imports))
    assert "Restored 1 import with 2 scores." in out
    assert reason == "Interrupted with 2 to go: run it again for the rest."
    assert completed() == {imports[0]}
    assert check_user(user.pk) == []

    assert "Restored 2 imports" in call("restore_imports", *ids(imports))
    assert state_of(user) == before


@pytest.mark.slow
def test_its_exit_code_is_1_when_one_fails_and_0_when_nothing_is_left_to_do(
    tmp_path, django_db_blocker
):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        chart = make_chart()
        import_, too_old = [make_import(make_user(), play(chart)) for _ in range(2)]
        for each in (import_, too_old):
            revert_import(each, OPERATOR)
        Revert.objects.filter(of_import=too_old).update(snapshot=None)

        mixed = run(url, "restore_imports", import_, too_old)
        assert mixed.returncode == 1
        assert "Restored 1 import with 1 score." in mixed.stdout
        assert f"{too_old}: It was reverted more than" in mixed.stderr
        assert completed() == {import_}

        again = run(url, "restore_imports", import_)
        assert (again.returncode, again.stderr) == (0, "")
        assert run(url, "restore_imports").returncode == 2
        assert run(url, "restore_imports", "f" * 40).returncode == 2
