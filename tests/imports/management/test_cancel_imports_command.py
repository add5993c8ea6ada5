import pytest

from imports.management.commands import cancel_imports
from imports.models import Import, State
from imports.queue import leases
from tests.commands import call, failure, interrupted
from tests.factories import make_chart, make_import, make_row, make_user, play
from tests.imports.queue.test_leases import woken

pytestmark = pytest.mark.django_db


@pytest.fixture
def imports(user):
    """One that runs and three that wait, the oldest first."""
    found = [make_row(user, user_agent=f"Hook/{n}") for n in range(4)]
    leases.take(found[0].pk)
    return found


def cancel(*args):
    return call("cancel_imports", "--no-input", *args)


def cancelled():
    return set(Import.objects.filter(state=State.CANCELLED))


def test_imports_are_cancelled_by_their_ids(imports):
    out = cancel(imports[1].import_id, imports[3].import_id)
    assert "Cancelled 2 imports." in out
    assert cancelled() == {imports[1], imports[3]}


def test_a_users_imports_are_cancelled_and_nobody_elses(imports, user):
    other, done = make_row(), make_import(user, play(make_chart()))
    assert "Cancelled 4 imports." in cancel("--user", user.username)
    assert cancelled() == set(imports)
    assert {other, done}.isdisjoint(cancelled())


def test_no_worker_is_woken_for_what_is_cancelled_next(imports, user):
    cancel("--user", user.username)
    assert woken() == []


def test_a_worker_is_woken_for_what_is_left(imports, user):
    cancel(imports[0].import_id)
    assert woken() == [imports[1].pk]


def test_the_reason_is_on_record(imports):
    cancel(imports[1].import_id, "--reason", "a broken hook")
    imports[1].refresh_from_db()
    assert imports[1].error_detail == (
        "Cancelled by an operator (command). a broken hook"
    )
    assert imports[1].error_text == "This import was cancelled."


def test_a_dry_run_changes_nothing(imports):
    out = call("cancel_imports", "--user-agent", "hook/", "--dry-run")
    assert "4 imports would be cancelled." in out
    assert not cancelled()


def test_nothing_happens_without_a_yes(imports, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda question: "no")
    _, error = failure("cancel_imports", "--user-agent", "Hook/")
    assert error == "Nothing was cancelled."
    assert not cancelled()


def test_who_names_an_import_by_its_id_is_not_asked(imports, monkeypatch):
    monkeypatch.setattr("builtins.input", None)
    assert "Cancelled 1 import." in call("cancel_imports", imports[1].import_id)
    assert cancelled()


@pytest.mark.parametrize("args", [(), ("--user", "nobody"), ("0" * 40,)])
def test_what_is_badly_asked_changes_nothing(imports, args):
    failure("cancel_imports", "--no-input", *args)
    assert not cancelled()


def test_what_is_not_unfinished_does_not_match(imports):
    done = make_import(make_user(), play(make_chart()))
    assert "No unfinished import matches." in cancel(done.import_id)


def test_one_that_is_written_meanwhile_is_refused_and_the_others_are_not(
    imports, monkeypatch
):
    really_cancel = cancel_imports.cancel_import

    def too_late(import_, by):
        if import_ == imports[0]:
            Import.objects.filter(pk=import_.pk).update(
                state=State.COMPLETED, sequence=1
            )
        return really_cancel(import_, by)

    monkeypatch.setattr(cancel_imports, "cancel_import", too_late)
    out, error = failure("cancel_imports", "--no-input", "--user-agent", "Hook/")
    assert "Cancelled 3 imports." in out
    assert f"{imports[0]}: It cannot be cancelled: this import is completed." in error


def test_interrupted_it_says_what_is_left(imports, monkeypatch):
    with interrupted(monkeypatch, cancel_imports, "cancel_import"):
        out, error = failure("cancel_imports", "--no-input", "--user-agent", "Hook/")
    assert "Cancelled 1 import." in out
    assert "3 to go" in error
