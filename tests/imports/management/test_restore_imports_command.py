import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from imports.management.commands import restore_imports
from imports.models import Import, RequestedBy, Revert, State
from imports.undo import restore as restore_module
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from tachi import database
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


@pytest.fixture
def two(db):
    """Imports of alice and bob, reverted by mod and by the operator, days apart."""
    mod, chart, found = make_user("mod"), make_chart(), []
    for name, by, reason, days in (
        ("alice", mod, "Wrong playtype", 10),
        ("bob", None, "a broken hook", 3),
    ):
        import_ = make_import(make_user(name), play(chart))
        revert_import(import_, RequestedBy(by, "command", reason))
        at = timezone.now() - timedelta(days=days)
        Revert.objects.filter(of_import=import_).update(reverted_at=at)
        found.append(import_)
    return found


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (["--reverted-by", "MOD"], [0]),
        (["--since", "4 days ago"], [1]),
        (["--until", "4 days ago"], [0]),
        (["--since", "2 weeks ago", "--until", "now"], [0, 1]),
        (["--reason", "wrong PLAY"], [0]),
        (["--reason", "o", "--since", "4 days ago"], [1]),
        (["--reverted-by", "mod", "--reason", "wrong"], [0]),
    ],
)
def test_reverts_are_undone_by_who_when_and_why(two, args, wanted):
    out = call("restore_imports", "--no-input", *args)
    assert f"Restored {len(wanted)} import" in out
    assert completed() == {two[each] for each in wanted}


def test_ids_and_filters_narrow_each_other_down(two):
    call("restore_imports", *ids(two), "--reverted-by", "mod")
    assert completed() == {two[0]}


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "Say which imports: give ids, or filters (see --help)."),
        (["--reverted-by", "nobody"], "There is no user 'nobody'."),
        (["--reverted-by", "alice"], "No revert matches."),
        (["--reason", "no such"], "No revert matches."),
        (["--reason", ""], "--reason is empty."),
        (["--reverted-by", ""], "--reverted-by is empty."),
        (["--batch", "f" * 40], f"There is no batch {'f' * 40}."),
        (["--since", "now"], "No revert matches."),
    ],
)
def test_what_is_badly_asked_restores_nothing(two, args, reason):
    with pytest.raises(CommandError) as refused:
        call("restore_imports", "--no-input", *args)
    assert (refused.value.returncode, str(refused.value)) == (2, reason)
    assert completed() == set()


def test_a_time_that_is_none_is_refused(two):
    _, reason = failure("restore_imports", "--until", "tomorrow")
    assert "--until" in reason
    assert completed() == set()


def test_filters_ask_first(two, monkeypatch):
    asked = []

    def answer(text):
        def ask(question):
            asked.append(question)
            return text

        monkeypatch.setattr("builtins.input", ask)

    answer("no")
    _, reason = failure("restore_imports", "--reverted-by", "mod")
    assert reason == "Nothing was restored."
    assert completed() == set()
    answer("yes")
    out = call("restore_imports", "--reverted-by", "mod")
    assert asked == ["Restore 1 import? [yes/no] "] * 2
    assert (
        f"1 import with 1 score of 1 player, in the database {database.described()}."
        in out
    )
    assert completed() == {two[0]}


def test_what_is_restored_already_is_no_failure(two):
    call("restore_imports", "--no-input", "--reverted-by", "mod")
    out = call("restore_imports", "--no-input", "--reverted-by", "mod")
    assert "None of these imports is reverted." in out


def test_a_dry_run_restores_nothing_and_says_what_would_come_back(imports, user):
    before = state_of(user)
    out = call("restore_imports", *ids(imports), "--dry-run")
    assert "Scores: 4 added, 0 kept, 0 changed." in out
    assert "3 orphans added." in out
    assert f"{user.username}: sdvx Single VF6: none → " in out
    assert "for review" not in out
    assert "3 imports would be restored." in out
    told = json.loads(
        call("restore_imports", "--since", "yesterday", "--dry-run", "--json")
    )
    assert (told["imports"], told["scores"]["added"], told["orphans"]) == (3, 4, 3)
    assert "list" not in told["scores"]
    assert state_of(user) == before


def test_as_json_it_is_one_object(imports, before, user):
    told = json.loads(call("restore_imports", *ids(imports), "--json"))
    assert told == {
        "batch": None,
        "state": "restored",
        "imports": 3,
        "restored": 3,
        "scores": 4,
        "kept": 2,  # when they went, the oldest first, a later one had sent it, too
        "refused": [],
    }
    assert state_of(user) == before
    again = json.loads(call("restore_imports", *ids(imports), "--json"))
    assert again == told | {"imports": 0, "restored": 0, "scores": 0, "kept": 0}


def test_what_cannot_come_back_is_in_the_object(imports, settings):
    Revert.objects.filter(of_import=imports[0]).update(snapshot=None)
    out = StringIO()
    with pytest.raises(CommandError) as some:
        call_command("restore_imports", *ids(imports), "--json", stdout=out)
    assert some.value.returncode == 1
    told = json.loads(out.getvalue())
    assert (told["state"], told["restored"]) == ("restored", 2)
    [refused] = told["refused"]
    assert refused["importID"] == imports[0].import_id
    assert refused["why"].startswith("It was reverted more than 30 days ago")


def test_a_batch_comes_back_as_one(user, before):
    done = json.loads(
        call("revert_imports", "--user", user.username, "--no-input", "--json")
    )
    other = make_import(make_user(), play(make_chart()))
    revert_import(other, OPERATOR)
    told = json.loads(call("restore_imports", "--batch", done["batch"], "--json"))
    assert (told["batch"], told["state"]) == (done["batch"], "restored")
    assert (told["restored"], told["refused"]) == (3, [])
    assert state_of(user) == before
    assert other not in completed()
    again = json.loads(call("restore_imports", "--batch", done["batch"], "--json"))
    assert again == told


def test_of_a_batch_some_come_back(user, before):
    done = json.loads(
        call("revert_imports", "--user", user.username, "--no-input", "--json")
    )
    first = Import.objects.filter(user=user).first()
    call("restore_imports", first.import_id, "--batch", done["batch"])
    assert completed() == {first}
