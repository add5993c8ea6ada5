"""`revert_imports` as the batches that it makes: previews, confirmation, control."""

import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from imports.batches import reverting
from imports.management import watching
from imports.models import Import, Revert, RevertBatch, State
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Score
from tachi import database
from tests.commands import call, interrupted
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
KEYS = ["batch", "state", "imports", "reverted", "scores", "kept", "refused"]


@pytest.fixture
def imports(user, chart):
    """Three imports of a player, the oldest first; all sent one score."""
    return [
        make_import(
            user,
            play(chart, 9_000_000, NOON),
            play(chart, 9_100_000 + n, NOON + n * HOUR),
        )
        for n in range(3)
    ]


@pytest.fixture
def others(chart):
    """An import of another player."""
    return make_import(make_user("other"), play(chart))


def as_json(*args, name="revert_imports"):
    """The one object that the command printed, whatever its exit code."""
    out = StringIO()
    try:
        call_command(name, *args, "--json", stdout=out, stderr=StringIO())
        code = 0
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue()), code


def refusal(*args, name="revert_imports"):
    """The exit code and the reason."""
    with pytest.raises(CommandError) as refused:
        call_command(name, *args, stdout=StringIO(), stderr=StringIO())
    return refused.value.returncode, str(refused.value)


def reverted():
    return set(Import.objects.filter(state=State.REVERTED))


def preview(*args):
    told, code = as_json("--dry-run", *args)
    assert code == 0
    return told


def paused(user, monkeypatch):
    """A batch of which one import is reverted, and two are not."""
    with interrupted(monkeypatch, reverting, "revert_within"):
        code, _ = refusal("--no-input", "--user", user.username)
    assert code == 130
    return RevertBatch.objects.get(state="paused")


def test_what_is_printed_as_json_is_one_object_of_this_shape(imports, user):
    told, code = as_json("--no-input", "--user", user.username)
    assert list(told) == KEYS
    assert told | {"batch": None} == {
        "batch": None,
        "state": "done",
        "imports": 3,
        "reverted": 3,
        "scores": 4,
        "kept": 0,
        "refused": [],
    }
    assert code == 0
    assert RevertBatch.objects.get(batch_id=told["batch"]).origin == "command"


def test_scores_that_another_import_sent_too_are_counted_as_kept(imports):
    told, _ = as_json(imports[0].import_id)
    assert (told["reverted"], told["scores"], told["kept"]) == (1, 2, 1)
    assert Score.objects.count() == 3


def test_where_all_is_reverted_already_the_object_says_so(imports, user):
    call("revert_imports", "--no-input", "--user", user.username)
    told, code = as_json("--no-input", "--user", user.username)
    assert list(told) == KEYS
    assert (told["batch"], told["state"], told["imports"]) == (None, "done", 0)
    assert code == 0
    nothing = preview("--user", user.username)
    assert (nothing["imports"], nothing["scores"]["removed"]) == (0, 0)


def test_what_was_refused_is_in_the_object(imports, user, monkeypatch):
    def fail_once(import_, requested_by, **more):
        if import_ == imports[1]:
            raise ZeroDivisionError
        return revert_import(import_, requested_by, **more)

    monkeypatch.setattr(reverting, "revert_within", fail_once)
    told, code = as_json("--no-input", "--user", user.username)
    assert (code, told["state"], told["reverted"]) == (1, "done", 2)
    [refused] = told["refused"]
    assert list(refused) == ["importID", "why"]
    assert refused["importID"] == imports[1].import_id
    assert "internal error" in refused["why"]


def test_a_dry_run_as_json_is_a_preview_without_its_lists(imports, user):
    before = state_of(user)
    told = preview("--user", user.username)
    assert (told["imports"], told["players"]) == (3, 1)
    assert told["scores"] == {"removed": 4, "kept": 0, "changed": 0}
    assert told["personalBests"]["removed"] == 1
    assert told["sessions"]["removed"] == 1
    assert all("list" not in part for part in told.values() if isinstance(part, dict))
    assert len(told["fingerprint"]) > 20
    assert state_of(user) == before
    assert not Revert.objects.exists()


def test_a_dry_run_says_the_numbers_and_leaves_nothing(imports, others, user):
    out = call("revert_imports", "--user", user.username, "OTHER", "--dry-run")
    assert "Scores: 5 removed, 0 kept, 0 changed." in out
    assert "Personal bests: 2 removed" in out
    assert f"{user.username}: sdvx Single vfClass: Sienna I → none" in out
    assert f"4 imports with 5 scores of 2 players, in the database {place()}." in out
    assert "4 imports would be reverted." in out
    assert not RevertBatch.objects.exists()


def place():
    return database.described()


def test_a_preview_counts_what_two_selected_imports_sent_as_gone(imports, user):
    alone = preview(imports[0].import_id)
    assert alone["scores"] == {"removed": 1, "kept": 1, "changed": 0}


def test_before_it_asks_it_says_what_it_is_about(imports, user, monkeypatch):
    asked = []

    def no(question=""):
        asked.append(question)
        return "no"

    monkeypatch.setattr("builtins.input", no)
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was reverted"):
        call_command("revert_imports", "--user", user.username, stdout=out)
    told = out.getvalue()
    assert f"3 imports with 4 scores of 1 player, in the database {place()}." in told
    assert "Scores: 4 removed" in told
    assert asked == ["Revert 3 imports? [yes/no] "]
    assert not RevertBatch.objects.exists()
    assert reverted() == set()


def test_asking_leaves_stdout_to_the_object(imports, user, monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda question="": "yes")
    call_command("revert_imports", "--user", user.username, "--json")
    out, err = capsys.readouterr()
    assert json.loads(out)["reverted"] == 3
    assert "Revert 3 imports? [yes/no]" in err
    assert "in the database" in err


def test_no_preview_asks_all_the_same_and_tries_nothing_out(imports, user, monkeypatch):
    monkeypatch.setattr("imports.batches.previews.preview_reverts", None)
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    out = call("revert_imports", "--user", user.username, "--no-preview")
    assert "Scores:" not in out
    assert "3 imports with 4 scores of 1 player" in out
    assert reverted() == set(imports)


def test_imports_of_other_playtypes_are_told_apart(user, monkeypatch):
    data = {"notecount": 1000}
    single, double = [
        make_chart("iidx", each, difficulty="ANOTHER", data=data)
        for each in ("SP", "DP")
    ]
    sp = make_import(user, play(single, 900), game="iidx", playtype="SP")
    make_import(user, play(double, 900), game="iidx", playtype="DP")
    Score.objects.update(source_import=sp)
    out = call("revert_imports", "--playtype", "SP", "--dry-run")
    assert "1 of them holds scores of other playtypes, too." in out
    out = call("revert_imports", "--playtype", "SP", "--playtype", "DP", "--dry-run")
    assert "other playtypes" not in out


class TestConfirm:
    def test_what_was_shown_is_done(self, imports, others, user):
        told = preview("--user", user.username)
        done, code = as_json(
            "--user", user.username, "--confirm", told["fingerprint"], "--reason", "why"
        )
        assert (code, done["reverted"]) == (0, 3)
        assert reverted() == set(imports)
        assert {each.reason for each in Revert.objects.all()} == {"why"}
        assert not RevertBatch.objects.filter(state="draft").exists()

    def test_the_dry_run_says_which(self, imports, others, user):
        told = preview("--user", user.username)
        done, code = as_json("--confirm", told["fingerprint"])
        assert (code, done["reverted"]) == (0, 3)
        assert reverted() == set(imports)

    def test_where_something_else_would_happen_nothing_does(self, imports, user, chart):
        told = preview("--user", user.username)
        make_import(user, play(chart, 9_500_000))
        code, reason = refusal(
            "--user", user.username, "--confirm", told["fingerprint"]
        )
        assert (code, reverted()) == (2, set())
        assert "Nothing was changed" in reason

    def test_one_that_came_since_and_changes_no_number_is_not_reverted(
        self, imports, user
    ):
        told = preview("--user", user.username)
        make_import(user)
        code, reason = refusal(
            "--user", user.username, "--confirm", told["fingerprint"]
        )
        assert (code, reverted()) == (2, set())
        assert "Nothing was changed" in reason

    def test_a_claim_that_came_since_is_noticed(self, imports, user, chart):
        told = preview(imports[2].import_id)
        make_import(user, play(chart, 9_100_002, NOON + 2 * HOUR))
        for args in ([imports[2].import_id], []):
            code, reason = refusal(*args, "--confirm", told["fingerprint"])
            assert (code, reverted()) == (2, set())
        assert "Nothing was changed" in reason

    @pytest.mark.parametrize("fingerprint", ["", "f" * 64, "nonsense"])
    def test_what_nobody_was_shown_is_not_done(self, imports, user, fingerprint):
        for args in (["--user", user.username], []):
            code, _ = refusal(*args, "--confirm", fingerprint)
            assert (code, reverted()) == (2, set())
        assert not RevertBatch.objects.exists()

    def test_other_imports_than_those_shown_are_not_reverted(self, imports, others):
        told = preview("--user", "other")
        code, _ = refusal(imports[0].import_id, "--confirm", told["fingerprint"])
        assert (code, reverted()) == (2, set())


class TestWho:
    def test_who_does_it_is_on_record(self, imports, user):
        boss = make_user("boss")
        call("revert_imports", imports[0].import_id, "--by", "BOSS")
        assert Revert.objects.get().reverted_by == boss
        batch = RevertBatch.objects.get()
        assert (batch.created_by, batch.confirmed_by) == (boss, boss)

    def test_whoever_is_named_has_to_exist(self, imports):
        code, reason = refusal(imports[0].import_id, "--by", "nobody")
        assert (code, reason) == (2, "There is no user 'nobody'.")
        assert reverted() == set()


class TestMoves:
    def test_what_was_interrupted_is_resumed(self, imports, user, monkeypatch):
        batch = paused(user, monkeypatch)
        assert reverted() == {imports[2]}
        told, code = as_json("--resume", batch.batch_id)
        assert list(told) == KEYS
        assert (code, told["state"], told["reverted"]) == (0, "done", 3)
        assert reverted() == set(imports)
        assert check_user(user.pk) == []

    def test_an_interruption_is_told_as_an_object_too(self, imports, user, monkeypatch):
        with interrupted(monkeypatch, reverting, "revert_within"):
            told, code = as_json("--no-input", "--user", user.username)
        assert (code, told["state"], told["reverted"]) == (130, "paused", 1)

    def test_one_that_lost_its_command_is_resumed(self, imports, user, monkeypatch):
        batch = paused(user, monkeypatch)
        RevertBatch.objects.update(state="running")
        assert as_json("--resume", batch.batch_id)[0]["reverted"] == 3

    def test_a_batch_is_cancelled(self, imports, user, monkeypatch):
        batch = paused(user, monkeypatch)
        told, code = as_json("--cancel", batch.batch_id)
        assert (code, told["state"], told["reverted"]) == (0, "cancelled", 1)
        assert reverted() == {imports[2]}
        code, reason = refusal("--resume", batch.batch_id)
        assert (code, "is cancelled" in reason) == (1, True)

    def test_a_batch_is_paused(self, imports, user, monkeypatch):
        batch = paused(user, monkeypatch)
        RevertBatch.objects.update(state="running")
        told, code = as_json("--pause", batch.batch_id)
        assert (code, told["state"]) == (0, "paused")
        batch.refresh_from_db()
        assert batch.state == "paused"

    def test_a_batch_is_restored(self, imports, user):
        before = state_of(user)
        done, _ = as_json("--no-input", "--user", user.username)
        told, code = as_json("--restore", done["batch"])
        assert list(told) == [*KEYS[:3], "restored", *KEYS[4:]]
        assert (told["state"], told["imports"], told["restored"]) == ("restored", 3, 3)
        assert (code, told["refused"]) == (0, [])
        assert state_of(user) == before
        again, code = as_json("--restore", done["batch"])
        assert (code, again) == (0, told)

    def test_what_a_restore_leaves_alone_is_told(self, imports, user):
        done, _ = as_json("--no-input", "--user", user.username)
        call("restore_imports", imports[0].import_id)
        revert_import(imports[0], OPERATOR)
        told, code = as_json("--restore", done["batch"])
        assert (code, told["state"], told["restored"]) == (1, "restored", 2)
        [refused] = told["refused"]
        assert refused["importID"] == imports[0].import_id
        assert refused["why"]

    @pytest.mark.parametrize("move", ["--resume", "--pause", "--cancel", "--restore"])
    def test_a_batch_that_there_is_not_is_badly_asked(self, db, move):
        code, reason = refusal(move, "0" * 40)
        assert (code, reason) == (2, f"There is no batch {'0' * 40}.")

    def test_of_two_moves_one_is_meant(self, db):
        _, reason = refusal("--pause", "x", "--cancel", "x")
        assert "not allowed with argument" in reason

    @pytest.mark.parametrize(
        "args",
        [
            ["--resume", "x", "--user", "other"],
            ["--restore", "x", "0" * 40],
            ["--pause", "x", "--dry-run"],
            ["--cancel", "x", "--confirm", "y"],
            ["--user", "other", "--dry-run", "--confirm", "x"],
            ["--user", "other", "--no-preview", "--confirm", "x"],
            ["--user", "other", "--no-preview", "--dry-run"],
            ["--user", "other", "--as-playtype", "SP"],
        ],
    )
    def test_what_makes_no_sense_together_is_badly_asked(self, others, args):
        code, _ = refusal(*args)
        assert (code, reverted()) == (2, set())


class TestProgress:
    def test_elsewhere_than_on_a_terminal_it_is_plain_lines(
        self, imports, user, monkeypatch, capsys
    ):
        monkeypatch.setattr(watching, "PLAIN_SECONDS", 0)
        call("revert_imports", "--no-input", "--user", user.username)
        err = capsys.readouterr().err
        assert "3 of 3 imports, " in err
        assert "\r" not in err
        call("revert_imports", "--no-input", "--until", "now", "--verbosity", "0")

    def test_on_a_terminal_it_is_a_bar_with_rate_and_time_left(
        self, imports, user, monkeypatch, capsys
    ):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        call("revert_imports", "--no-input", "--user", user.username)
        err = capsys.readouterr().err
        assert "\r" in err
        assert "3/3" in err
        assert "import/s" in err or "s/import" in err

    def test_with_verbosity_0_there_is_none(self, imports, user, monkeypatch, capsys):
        monkeypatch.setattr(watching, "PLAIN_SECONDS", 0)
        command = ("revert_imports", "--no-input", "--user", user.username)
        call(*command, "--verbosity", "0")
        assert "of 3 imports" not in capsys.readouterr().err

    def test_there_is_a_line_of_the_log_for_each_import(self, imports, user, caplog):
        with caplog.at_level("INFO", "imports.management.watching"):
            call("revert_imports", "--no-input", "--user", user.username)
        told = [each.getMessage() for each in caplog.records if "watching" in each.name]
        batch = RevertBatch.objects.get()
        counts = ["1 score", "1 score", "2 scores"]
        assert told == [
            f"Batch {batch}: import {import_} of {user}: reverted, {scores}"
            for import_, scores in zip(imports[::-1], counts, strict=True)
        ]


def test_ten_failures_in_a_row_pause_it_and_it_says_why(user, monkeypatch):
    chart = make_chart()
    for n in range(12):
        make_import(user, play(chart, n, NOON + n * HOUR))

    def fail(import_, requested_by, **more):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(reverting, "revert_within", fail)
        told, code = as_json("--no-input", "--user", user.username)
        assert (code, told["state"], len(told["refused"])) == (1, "paused", 10)
        batch = RevertBatch.objects.get()
        assert "10 imports failed in a row" in batch.why_paused
    code, reason = refusal("--resume", batch.batch_id)
    assert (code, len(reverted())) == (1, 2)
    assert reason.startswith("10 were not reverted:")


@pytest.mark.parametrize("name", ["cancel_imports", "retry_imports"])
def test_the_other_commands_have_the_same_filters(name, user, others):
    make_row(user)
    args = ["--user", user.username, "OTHER", "--until", "now", "--dry-run"]
    out = call(name, *args)
    assert "No failed import matches." in out or "1 import would be cancelled." in out
    for wrong, reason in (
        (["--user", "nobody"], "There is no user 'nobody'."),
        (["--user-agent", "nothing of the kind"], "No import matches."),
        (["0" * 40], f"There is no import {'0' * 40}. Nothing was changed."),
    ):
        assert refusal(*wrong, name=name) == (2, reason)


class TestWhatElse:
    def test_dry_runs_that_show_the_same_leave_one_draft(self, imports, user):
        for _ in range(3):
            preview("--user", user.username)
        assert RevertBatch.objects.count() == 1

    def test_withdrawing_classes_is_said_of_the_batch(self, imports, user):
        call("revert_imports", imports[0].import_id, "--withdraw-classes")
        assert RevertBatch.objects.get().withdraw_classes

    def test_imports_run_again(self, imports, user):
        told, code = as_json(imports[2].import_id, "--run-again")
        assert (code, told["reverted"]) == (0, 1)
        batch = RevertBatch.objects.get()
        assert (batch.kind, batch.run_again) == ("rerun", {"playtype": None})
        assert Import.objects.filter(user=user).count() == 4
        assert Score.objects.count() == 4

    def test_imports_run_again_as_another_playtype(self, user):
        chart = make_chart("usc", "Controller")
        make_chart("usc", "Keyboard", song=chart.song)
        wrong = make_import(user, play(chart), game="usc", playtype="Controller")
        assert Score.objects.get().gpt == "usc:Controller"
        args = [wrong.import_id, "--run-again", "--as-playtype", "Keyboard"]
        assert as_json(*args)[1] == 0
        assert Score.objects.get().gpt == "usc:Keyboard"
        batch = RevertBatch.objects.get()
        assert batch.run_again == {"playtype": "Keyboard"}

    def test_what_was_not_said_with_the_dry_run_is_not_done(self, imports, user):
        told = preview("--user", user.username)
        for more in (["--withdraw-classes"], ["--run-again"]):
            for args in (["--user", user.username], []):
                code, _ = refusal(*args, *more, "--confirm", told["fingerprint"])
                assert (code, reverted()) == (2, set())

    def test_what_was_said_with_the_dry_run_need_not_be_said_again(self, imports, user):
        told = preview(imports[0].import_id, "--withdraw-classes", "--run-again")
        assert as_json("--confirm", told["fingerprint"])[1] == 0
        batch = RevertBatch.objects.get()
        assert batch.withdraw_classes
        assert batch.kind == "rerun"

    def test_a_player_who_changes_after_the_question_is_left_alone(
        self, imports, user, chart, monkeypatch
    ):
        def yes(question):
            make_import(user, play(chart, 9_100_002, NOON + 2 * HOUR))
            return "yes"

        monkeypatch.setattr("builtins.input", yes)
        code, reason = refusal("--user", user.username)
        assert (code, reverted()) == (1, set())
        assert reason.startswith("3 were not reverted:")
        assert "than was shown" in reason

    def test_a_large_selection_is_tried_out_here_all_the_same(
        self, imports, user, settings
    ):
        settings.BATCH_PREVIEW_SCORES = 1
        assert preview("--user", user.username)["scores"]["removed"] == 4
