import time
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from imports.batches import reverting
from imports.models import BatchImport, Import, Revert, RevertBatch, State
from imports.pipeline import run_inline
from imports.undo import withdraw
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Score
from tachi.accounts.models import ApiToken
from tests.commands import call, failure, interrupted, run
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.imports.scratch import scratch_database
from tests.state import state_of

RECEIVED = datetime.fromisoformat("2026-01-10T12:00:00+00:00")


@pytest.fixture
def imports(user):
    """Three imports of a player, the oldest first, that share a score and a session."""
    charts = [make_chart() for _ in range(4)]
    return [
        make_import(
            user,
            play(charts[0], 9_000_000, NOON + n * HOUR),
            play(charts[n], 9_100_000 + n, NOON + n * HOUR),
        )
        for n in (1, 2, 3)
    ]


@pytest.fixture
def nobody_is_asked(monkeypatch):
    def ask(question):
        raise AssertionError(question)

    monkeypatch.setattr("builtins.input", ask)


@pytest.fixture
def answer(monkeypatch):
    questions = []

    def give(text):
        def ask(question):
            questions.append(question)
            if isinstance(text, type):
                raise text
            return text

        monkeypatch.setattr("builtins.input", ask)
        return questions

    return give


def revert(*args):
    return call("revert_imports", "--no-input", *args)


def refusal(*args):
    return failure("revert_imports", "--no-input", *args)


def reverted():
    return set(Import.objects.filter(state=State.REVERTED))


def make_busy(user):
    import_ = send(user, document())
    Import.objects.filter(pk=import_.pk).update(
        state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1)
    )
    return import_


def test_imports_are_reverted_by_their_ids(imports, user, nobody_is_asked):
    out = revert(imports[0].import_id, imports[2].import_id)
    assert reverted() == {imports[0], imports[2]}
    assert "Reverted 2 imports with 3 scores." in out
    assert check_user(user.pk) == []


@pytest.fixture
def two_worlds(db):
    """Two imports that differ in everything an import can be filtered by."""
    alice, bob = make_user("alice"), make_user("bob")
    wanted = run_inline(
        send(
            alice,
            document(play(make_chart()), service="Cabinet"),
            token=ApiToken.objects.issue(alice, [])[0],
            user_agent="Hook/1.0",
            user_intent=True,
        )
    )
    other = run_inline(
        send(
            bob,
            document(
                play(make_chart("usc", "Controller")),
                game="usc",
                playtype="Controller",
                service="Cabinets",
            ),
            "ir/direct-manual",
            token=ApiToken.objects.issue(bob, [])[0],
            user_agent="Browser/2.0",
        )
    )
    for import_, days in ((wanted, 0), (other, 30)):
        assert import_.counts["imported"] == 1
        import_.received_at = RECEIVED + timedelta(days=days)
        import_.save()
    return wanted, other


@pytest.mark.parametrize(
    "options",
    [
        ["--user", "ALICE"],
        ["--import-type", "file/batch-manual"],
        ["--game", "sdvx"],
        ["--service", "Cabinet"],
        ["--user-agent", "hook"],
        ["--intent", "yes"],
        ["--until", "2026-01-11"],
        ["--until", "2026-02-09T12:00:00"],
        ["--since", "2026-01-10T12:00:00", "--until", "2026-01-10T12:00:01"],
        ["--since", "2026-01-10T14:00:00+02:00", "--until", "2026-01-31"],
        ["--since", "2026-01-10", "--game", "sdvx"],
    ],
)
def test_a_filter_finds_what_is_meant_and_nothing_else(two_worlds, options):
    revert(*options)
    assert reverted() == {two_worlds[0]}


@pytest.mark.parametrize(
    "options",
    [
        ["--user", "alice", "--game", "usc"],
        ["--until", "2026-01-10T12:00:00"],
        ["--until", "2026-01-10"],
        ["--since", "2026-02-09T12:00:01"],
        ["--service", "cab"],
        ["--user-agent", "Hook_1.0"],
    ],
)
def test_what_nothing_at_all_matches_was_badly_asked(two_worlds, options):
    with pytest.raises(CommandError, match="No import matches") as refused:
        revert(*options)
    assert refused.value.returncode == 2
    assert reverted() == set()


@pytest.mark.parametrize(
    ("options", "both"),
    [
        (["--user", "alice", "BOB"], True),
        (["--user", "alice", "--user", "bob"], True),
        (["--user", "bob", "--import-type", "file/batch-manual"], None),
        (["--import-type", "file/batch-manual", "ir/direct-manual"], True),
        (["--import-type", "file/batch-manual", "--import-type", "ir/usc"], False),
        (["--game", "sdvx", "--game", "usc"], True),
        (["--playtype", "Single", "--playtype", "Controller"], True),
        (["--playtype", "Single"], False),
        (["--service", "Cabinet", "--service", "Cabinets"], True),
        (["--service", "Cabinet (BATCH-MANUAL)"], False),
        (["--user-agent", "hook", "--user-agent", "browser"], True),
        (["--until", "yesterday"], True),
        (["--until", "2026-01-10 21:00:01+09:00"], False),
    ],
)
def test_of_several_values_any_will_do(two_worlds, options, both):
    if both is None:
        with pytest.raises(CommandError, match="No import matches"):
            revert(*options)
        return
    revert(*options)
    assert reverted() == set(two_worlds if both else two_worlds[:1])


def test_until_now_is_what_there_is(imports):
    revert("--until", "now")
    assert reverted() == set(imports)


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_two_times_for_one_bound_are_refused(imports, option):
    _, reason = refusal(option, "2026-01-01", option, "2026-02-01")
    assert reason == f"{option} takes one value only."


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--user", "alice", "nobody"], "There is no user 'nobody'."),
        (["--token", "zzzz"], "There is no API token that begins with 'zzzz'."),
    ],
)
def test_what_is_named_and_is_not_there_is_refused(two_worlds, options, reason):
    with pytest.raises(CommandError) as refused:
        revert(*options)
    assert (refused.value.returncode, str(refused.value)) == (2, reason)
    assert reverted() == set()


def test_since_is_from_that_moment_on(two_worlds):
    revert("--since", "2026-02-09T12:00:00")
    assert reverted() == {two_worlds[1]}


@pytest.mark.parametrize("digits", [8, 6])
def test_imports_are_found_by_what_is_known_of_their_token(two_worlds, digits):
    revert("--token", two_worlds[0].token.prefix[:digits])
    assert reverted() == {two_worlds[0]}


def test_a_whole_token_is_its_prefix(user):
    token, secret = ApiToken.objects.issue(user, [])
    import_ = run_inline(send(user, document(), token=token))
    make_import(user)
    revert("--token", secret)
    assert reverted() == {import_}


def test_those_with_errors_are_found_before_ids_or_after(two_worlds, user):
    wrong = make_import(user, play(99_999))
    ids = [import_.import_id for import_ in (*two_worlds, wrong)]
    revert("--has-errors", *ids)
    assert reverted() == {wrong}


def test_ids_and_filters_narrow_each_other(two_worlds):
    wanted, other = two_worlds
    revert(wanted.import_id, other.import_id, "--game", "usc")
    assert reverted() == {other}


def test_all_imports_are_never_meant(imports):
    _, reason = refusal()
    assert "give ids, or filters" in reason
    assert reverted() == set()


@pytest.mark.parametrize("option", ["user", "service", "token", "user-agent"])
def test_an_empty_filter_is_not_no_filter(imports, option):
    _, reason = refusal(f"--{option}", "", "--game", "sdvx")
    assert reason == f"--{option} is empty."
    assert reverted() == set()


@pytest.mark.parametrize("option", ["--since", "--until"])
@pytest.mark.parametrize(
    "time",
    [
        "",
        "tomorrow",
        "2 months ago",
        "2026-13-01",
        "2026-02-30T00:00:00",
        "2026-01-01T25:00",
        "1767225600000",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_that_is_none_is_refused(imports, option, time):
    _, reason = refusal(option, time)
    assert option in reason
    assert reverted() == set()


@pytest.mark.parametrize("option", ["--game", "--import-type"])
def test_a_game_or_type_that_is_none_is_refused(imports, option):
    _, reason = refusal(option, "chess")
    assert "invalid choice: 'chess'" in reason
    assert reverted() == set()


def test_an_unknown_user_is_refused(imports):
    _, reason = refusal("--user", "nobody")
    assert reason == "There is no user 'nobody'."


def test_an_unknown_id_is_named_and_nothing_is_reverted(imports):
    _, reason = refusal(imports[0].import_id, "f" * 40)
    assert f"There is no import {'f' * 40}." in reason
    assert imports[0].import_id not in reason
    assert reverted() == set()


def test_what_is_not_completed_is_let_be(user):
    queued, failed = send(user, document()), send(user, {"nonsense": 1})
    run_inline(failed)
    out = revert(queued.import_id, failed.import_id)
    assert "No completed import matches." in out
    assert reverted() == set()


def test_a_dry_run_lists_all_and_changes_nothing(user, chart, nobody_is_asked):
    imports = [make_import(user, play(chart, n)) for n in range(25)]
    before = state_of(user)
    out = call("revert_imports", "--user", user.username, "--dry-run")
    assert [import_.import_id in out for import_ in imports] == [True] * 25
    assert "25 imports would be reverted." in out
    assert state_of(user) == before
    assert reverted() == set()
    assert not Revert.objects.exists()


def test_it_asks_before_it_reverts(user, chart, answer):
    imports = [make_import(user, play(chart, n)) for n in range(25)]
    questions = answer("yes")
    out = call("revert_imports", "--user", user.username)
    assert questions == ["Revert 25 imports? [yes/no] "]
    assert "… and 5 more." in out
    assert reverted() == set(imports)


@pytest.mark.parametrize("said", ["no", "", "y", EOFError, KeyboardInterrupt])
def test_whatever_is_not_yes_reverts_nothing(imports, user, answer, said):
    answer(said)
    _, reason = failure("revert_imports", "--user", user.username)
    assert reason == "Nothing was reverted."
    assert reverted() == set()


def test_reason_and_origin_are_kept(imports):
    revert(imports[0].import_id, "--reason", "a broken hook")
    record = Revert.objects.get()
    assert (record.reason, record.origin) == ("a broken hook", "command")
    assert (record.reverted_by, record.score_count) == (None, 2)


def test_the_newest_goes_first(imports, user):
    revert("--user", user.username)
    order = [each.of_import for each in Revert.objects.order_by("reverted_at")]
    assert order == imports[::-1]
    assert reverted() == set(imports)
    assert not Score.objects.exists()


def test_those_that_fail_are_listed_and_the_others_are_reverted(imports, settings):
    settings.REVERT_WAIT_SECONDS = 0.05
    busy = make_import(make_user(), play(make_chart()))
    make_busy(busy.user)
    out, reason = refusal("--game", "sdvx")
    assert "Reverted 3 imports with 4 scores." in out
    assert reason.startswith("1 were not reverted:")
    assert f"{busy}: An import of this user is still running." in reason
    assert reverted() == set(imports)


def test_a_busy_player_is_waited_for_once(imports, user, settings):
    settings.REVERT_WAIT_SECONDS = 0.4
    make_busy(user)
    began = time.monotonic()
    _, reason = refusal("--user", user.username)
    assert 0.4 <= time.monotonic() - began < 3 * 0.4 + 1
    assert reason.startswith("3 were not reverted:")
    assert reverted() == set()


def test_a_player_who_is_busy_for_a_moment_is_come_back_to(
    imports, user, settings, monkeypatch
):
    settings.REVERT_WAIT_SECONDS = 30
    busy, other = make_busy(user), make_import(make_user(), play(make_chart()))
    really_sleep, slept = time.sleep, []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 5:
            busy.delete()
        really_sleep(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    assert "Reverted 4 imports" in revert("--game", "sdvx", "--until", "now")
    assert reverted() == {*imports, other}
    assert Revert.objects.order_by("reverted_at").first().of_import == other


def test_a_bug_with_one_import_does_not_stop_the_others(imports, user, monkeypatch):
    def fail_once(import_, requested_by, **more):
        if import_ == imports[1]:
            raise ZeroDivisionError("secret")
        return revert_import(import_, requested_by, **more)

    monkeypatch.setattr(reverting, "revert_within", fail_once)
    _, reason = refusal("--user", user.username)
    assert reverted() == {imports[0], imports[2]}
    assert imports[1].import_id in reason
    assert "secret" not in reason
    assert check_user(user.pk) == []


@pytest.mark.parametrize(
    ("place", "name"),
    [(withdraw, "insert_and_recalculate"), (BatchImport, "save"), (Revert, "save")],
)
def test_it_may_be_interrupted_in_the_middle_and_run_again(
    imports, user, monkeypatch, place, name
):
    with interrupted(monkeypatch, place, name):
        out, reason = refusal("--user", user.username)
    assert "Reverted 1 import with 1 score." in out
    batch = RevertBatch.objects.get()
    assert batch.state == "paused"
    assert reason == (
        f"Interrupted with 2 to go: revert_imports --resume {batch} goes on, or run it "
        "again for the rest."
    )
    assert reverted() == {imports[2]}
    assert Revert.objects.count() == 1
    assert check_user(user.pk) == []

    assert "Reverted 2 imports with 3 scores." in revert("--user", user.username)
    assert reverted() == set(imports)
    assert "No completed import matches." in revert("--user", user.username)


@pytest.mark.slow
def test_its_exit_code_is_1_when_one_fails_and_0_when_nothing_is_left_to_do(
    tmp_path, django_db_blocker
):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        chart, user, other = make_chart(), make_user(), make_user()
        imports = [make_import(each, play(chart)) for each in (user, other)]
        in_the_way = make_busy(other)
        command = ("revert_imports", "--game", "sdvx")

        unasked = run(url, *command)
        assert unasked.returncode == 1
        assert "Nothing was reverted." in unasked.stderr
        assert reverted() == set()

        mixed = run(url, *command, answer="yes\n", REVERT_WAIT_SECONDS="0.05")
        assert mixed.returncode == 1
        assert "Reverted 1 import with 1 score." in mixed.stdout
        assert f"{imports[1]}: An import of this user" in mixed.stderr
        assert reverted() == {imports[0]}

        in_the_way.delete()
        assert run(url, *command, "--no-input").returncode == 0
        assert reverted() == set(imports)
        again = run(url, *command, "--no-input")
        assert (again.returncode, again.stderr) == (0, "")
        assert run(url, "revert_imports").returncode == 2
        assert run(url, "revert_imports", "--user", "nobody").returncode == 2
        assert run(url, *command, "--since", "soon").returncode == 2
