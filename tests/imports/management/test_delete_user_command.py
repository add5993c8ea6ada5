"""An account goes with everything of it, and nothing of anybody else."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as Login
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from imports import delete_user as verb
from imports.class_review.decide import withdraw
from imports.discards import discard
from imports.export.parts import OF_MODELS
from imports.models import (
    ChartQueuePlayer,
    DailyIntake,
    HookSettings,
    Import,
    ImportInput,
    ImportRule,
    Orphan,
    RequestedBy,
    Revert,
    RevertBatch,
)
from imports.pipeline import Sent, accept, run, submit
from imports.queue import leases
from imports.rules.stop import lift
from imports.tasks import run_import
from imports.undo.revert import revert_import
from scores.derived.change import change_of
from scores.derived.integrity import check_user
from scores.edits import delete_score, edit_score, edit_session
from scores.models import (
    ClassClaim,
    GameSettings,
    GameStats,
    PlayerToRerate,
    ProfileSnapshot,
    Replay,
    Score,
    Session,
)
from scores.snapshots import take
from tachi.accounts.models import ApiToken, User, UserSettings
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end
from tachi.moderation.models import Entry, Notification
from tests.commands import ROOT, call, failure
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
    send,
)
from tests.imports.queue.clusters import wait_until
from tests.imports.rules.make import make_rule
from tests.imports.scratch import scratch_database
from tests.imports.site import Sender, Site
from tests.locking import held_elsewhere
from tests.state import state_of

pytestmark = pytest.mark.django_db
needs_locks = pytest.mark.postgresql


@pytest.fixture
def user(db):
    return make_user("leaving")


@pytest.fixture
def chart(db):
    return make_chart()


def of_user(user):
    """How many rows of each kind refer to the user."""
    return {
        f"{model._meta.label}.{field}": model._base_manager.filter(
            **{field: user.pk}
        ).count()
        for model, field in OF_MODELS
    }


@pytest.fixture
def lived(user, chart):
    """An account with a row of every kind."""
    make_import(
        user,
        *(play(chart, 9_000_000 + n, NOON + n * HOUR) for n in range(4)),
        play(4444),
        play(4445),
        classes={"dan": "DAN_3"},
    )
    discard(Orphan.objects.filter(user=user).first())
    withdraw(ClassClaim.objects.get(user=user), RequestedBy(user, "admin", "wrong"))
    HookSettings.objects.create(user=user, hook="fervidex")
    ChartQueuePlayer.objects.create(user=user, game="bms", playtype="7K", sha256="0")
    stats = GameStats.objects.filter(user=user)
    ProfileSnapshot.objects.bulk_create(take(stats, date(2026, 1, 2)))
    Replay.objects.create(user=user, score_id=f"T{0:064}", data=b"replay", size=6)
    revert_import(make_import(user, play(chart, 8_000_000)), OPERATOR)
    first, second, *_ = Score.objects.filter(user=user).order_by("score_id")
    edit_score(first, comment="mine")
    edit_session(Session.objects.first(), name="A session")
    delete_score(second, block=True)
    others = make_import(make_user("other"), play(chart, 9_999_000))
    revert_import(others, RequestedBy(user, "admin", "wrong"))
    RevertBatch.objects.update(confirmed_by=user, restored_by=user)
    Revert.objects.create(
        of_import=others, restored_by=user, restored_at=timezone.now()
    )
    make_token(user, "submit_score")
    submit(Sent(user, "file/batch-manual", b"{}", token=user.tokens.get()))
    PlayerToRerate.objects.create(user=user, gpt="sdvx:Single")
    GameSettings.objects.create(user=user, gpt="sdvx:Single")
    UserSettings.objects.create(user=user)
    lift(make_rule(game="iidx"), RequestedBy(user, "admin"))
    ImportRule.objects.update(made_by=user)
    Job.objects.create(kind="orphans", user=user)
    LogEntry.objects.log_actions(user.pk, [chart], 2, change_message="looked")
    user.groups.create(name="Players")
    kind = ContentType.objects.get_for_model(User)
    ContentType.objects.get_for_model(ApiToken)  # is remembered, as in a site
    user.user_permissions.create(name="May play", codename="play", content_type=kind)
    Client().force_login(user)
    assert all(of_user(user).values()), of_user(user)
    return user


def test_everything_of_the_account_goes_and_nothing_of_others(lived, chart, client):
    bystander = make_user("bystander")
    make_import(bystander, play(chart, 9_500_000, NOON), play(5555))
    LogEntry.objects.log_actions(bystander.pk, [lived], 2, change_message="saw him")
    client.force_login(bystander)
    before = state_of(bystander)
    left = Notification.objects.get(user=lived).about

    out = call("delete_user", "LEAVING", "--no-input")

    assert out == "The user leaving is deleted.\n"
    assert not any(of_user(lived).values()), of_user(lived)
    assert not User.objects.filter(username="leaving").exists()
    assert Login.objects.count() == 1
    assert not Notification.objects.filter(about=left).exists()
    assert list(
        Entry.objects.order_by("pk").values_list("verb", "by_name", "player_name")
    ) == [
        ("withdraw class", "leaving", "leaving"),
        ("revert", "", "leaving"),
        ("revert", "leaving", "other"),
        ("make rule", "", ""),
        ("lift rule", "leaving", ""),
        ("delete user", "", "leaving"),
    ]
    assert not LogEntry.objects.exists()
    assert state_of(bystander) == before
    assert check_user(bystander.pk) == []
    requested = Revert.objects.filter(of_import__user__username="other")
    assert set(requested.values_list("reverted_by", "restored_by")) == {(None, None)}
    assert not ImportInput.objects.filter(of_import__user__username="leaving").exists()
    assert make_user("leaving").pk != lived.pk


def test_it_says_what_goes_and_how_to_keep_a_copy_and_asks_for_the_name(
    lived, monkeypatch
):
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    out, why = failure("delete_user", "leaving")
    assert why == "Nothing was deleted."
    assert "with 3 scores, 3 imports and everything else" in out
    assert "manage.py export_user leaving > leaving.json" in out
    assert all(of_user(lived).values())
    monkeypatch.setattr("builtins.input", lambda question: "leaving")
    call("delete_user", "leaving")
    assert not User.objects.filter(pk=lived.pk).exists()


@pytest.mark.parametrize("nobody", [EOFError, KeyboardInterrupt])
def test_where_nobody_answers_nothing_is_deleted(user, monkeypatch, nobody):
    def ask(question):
        raise nobody

    monkeypatch.setattr("builtins.input", ask)
    assert failure("delete_user", "leaving")[1] == "Nothing was deleted."


def test_an_unknown_name_is_2_and_an_interruption_130(lived, monkeypatch):
    with pytest.raises(CommandError, match="no user 'nobody'") as unknown:
        call_command("delete_user", "nobody", "--no-input")
    assert unknown.value.returncode == 2

    def interrupt(user):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verb, "end_sessions", interrupt)
        with pytest.raises(CommandError, match="nothing was deleted") as cut_off:
            call_command("delete_user", "leaving", "--no-input")
    assert cut_off.value.returncode == 130
    assert all(of_user(lived).values())


def test_an_import_that_is_being_read_ends_without_a_word(user, chart):
    sent = send(user, document(play(chart)))
    queued = accept(Sent(user, "file/batch-manual", b"{}"), inline=False)
    taken = leases.take_now(sent.pk)
    verb.delete_user(user)
    with pytest.raises(leases.Superseded):
        run(taken)
    assert "Nothing to do" in run_import(queued.pk)
    assert not Import.objects.exists()
    assert not Score.objects.exists()


def test_a_job_that_runs_ends_too(user, chart, monkeypatch):
    make_import(user, play(4444), play(5555))
    job = enqueue("orphans", user)
    monkeypatch.setattr("imports.orphans.CHUNK_SIZE", 1)
    steps = iter(range(9))

    def advance(job):
        if next(steps) == 1:
            verb.delete_user(user)

    run_to_end(job, advance)
    assert not Job.objects.exists()


def test_a_big_account_goes_in_sets(user, chart, monkeypatch):
    monkeypatch.setattr("scores.copy_rows.DELETED", 3)
    make_import(user, *(play(chart, 9_000_000 + n) for n in range(8)))
    told = []
    assert verb.delete_user(user, told.append) == sum(told) > 8
    assert max(told) == 3


def test_after_it_every_request_of_the_account_is_401_or_404(user, client):
    token = make_token(user, "submit_score")
    client.force_login(user)
    verb.delete_user(user)
    site = Site(Client(), Sender())
    site.token = token
    assert site.upload(site.text()).status_code == 401
    assert client.get("/api/v1/users/me").status_code == 401
    assert client.get("/api/v1/users/leaving").status_code == 404
    assert client.get("/admin/").status_code == 302


@needs_locks
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize(
    "moment", ["_let_nothing_in", "_of_imports", "_log_entries_about", "end_sessions"]
)
def test_an_upload_at_any_moment_is_taken_or_finds_no_account(
    settings, monkeypatch, moment, inline
):
    settings.IMPORT_INLINE, settings.RATE_LIMITS = inline, False
    sender = Sender()
    user, answers, usual = sender.player, [], getattr(verb, moment)
    DailyIntake.objects.filter(user=user).delete()

    def upload():
        site = Site(Client(), sender)
        answers.append(site.upload(site.text()).status_code)
        connection.close()

    thread = threading.Thread(target=upload)

    def meanwhile(user):
        thread.start()
        # Until it is done, or waits for this transaction.
        wait_until(lambda: not thread.is_alive() or waits(), seconds=2)
        return usual(user)

    monkeypatch.setattr(verb, moment, meanwhile)
    verb.delete_user(user)
    thread.join(20)
    assert answers[0] in (200, 202, 401, 404, 409), answers
    if moment != "_let_nothing_in":
        assert answers[0] in (401, 404)
    assert not any(of_user(user).values())


def waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


@needs_locks
@pytest.mark.django_db(transaction=True)
def test_while_an_import_is_written_it_is_told_to_come_again(settings):
    settings.REVERT_WAIT_SECONDS = 0.05
    user, chart = make_user("leaving"), make_chart()
    make_import(user, play(chart))
    told = pytest.raises(CommandError, match="Nothing was deleted: run it")
    with held_elsewhere(change_of, user.pk), told as busy:
        call_command("delete_user", "leaving", "--no-input")
    assert busy.value.returncode == 1
    assert Score.objects.filter(user=user).count() == 1


@pytest.mark.slow
@needs_locks
def test_killed_before_its_end_it_has_done_nothing(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        user, chart = make_user("leaving"), make_chart()
        make_import(user, play(chart), play(4444))
        submit(Sent(user, "file/batch-manual", b"{}"))
        before = of_user(user)
        with transaction.atomic():
            DailyIntake.objects.select_for_update().get(user=user)
            process = subprocess.Popen(
                [sys.executable, "manage.py", "delete_user", "leaving", "--no-input"],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": url},
            )
            assert wait_until(waits, seconds=20)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert wait_until(lambda: not waits())
        assert of_user(user) == before
        assert check_user(user.pk) == []
        verb.delete_user(user)
        assert not any(of_user(user).values())


def test_the_admin_does_not_offer_it(client, moderator, user):
    page = f"/admin/accounts/user/{user.pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    client.post("/admin/accounts/user/", sent)
    page = client.get("/admin/accounts/user/").content.decode()
    assert "delete_selected" not in page
    assert User.objects.filter(pk=user.pk).exists()
