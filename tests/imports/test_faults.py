"""Every statement of every verb fails once, and dies once: before, or after."""

import json
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from imports.batches import control
from imports.batches.draft import KIND
from imports.batches.run import run_to_end
from imports.batches.step import step
from imports.class_review.decide import keep, reinstate, withdraw
from imports.delete_user import delete_user
from imports.discards import discard
from imports.export.parts import OF_MODELS
from imports.models import (
    HookSettings,
    Import,
    ImportInput,
    Orphan,
    Revert,
    RevertBatch,
    State,
)
from imports.orphans import reprocess
from imports.pipeline import Sent, accept, run, run_inline, submit
from imports.queue import leases
from imports.queue.stops import NotCancelled, cancel_import
from imports.retry import retry_import
from imports.undo.preview import preview_restores, preview_reverts
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from imports.undo.run_again import run_again
from scores.derived.integrity import check_user
from scores.edits import delete_score, edit_score
from scores.models import ClassClaim, ClassReview, Score
from tachi.accounts.models import ApiToken, User
from tachi.jobs import leases as job_leases
from tachi.jobs.models import Job
from tachi.moderation.models import Entry, Notification
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_song,
    make_token,
    play,
    send,
)
from tests.imports import hooks
from tests.imports.batches.making import confirmed, drafted
from tests.imports.files import make_console_chart, s3_song, s3_xml, sdvx_csv, sdvx_row
from tests.imports.hooks import fervidex_play, make_iidx_chart, profile
from tests.state import all_rows, state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
UNKNOWN_SONG = 7777


class Fault(OperationalError):
    pass


class Statements:
    """Counts statements, commits included, and lets some of them fail."""

    def __init__(self, failing, dying):
        self.seen, self.failing, self.dying = 0, failing, dying
        self.writes = []

    def look(self, writes):
        self.seen += 1
        self.writes.append(writes)
        if self.seen == self.failing or (self.dying and self.seen > self.failing):
            raise Fault("a fault that was planted")

    def __call__(self, execute, sql, params, many, context):
        self.look(writes=not sql.startswith("SELECT"))
        return execute(sql, params, many, context)

    def all_that_differ(self, dying):
        """At which statements a fault makes a difference. Dying at one that follows a
        mere read is dying at that read."""
        places = range(1, self.seen + 1)
        return [n for n in places if not dying or n == 1 or self.writes[n - 2]]


@contextmanager
def faults(monkeypatch, failing=0, dying=False):
    statements = Statements(failing, dying)
    commit = connection._commit

    def commit_or_fail():
        statements.look(writes=True)
        commit()

    with monkeypatch.context() as patch, connection.execute_wrapper(statements):
        patch.setattr(connection, "_commit", commit_or_fail)
        yield statements
    if dying:
        connection.close()


class World:
    """All rows as they are now, to begin anew with: quicker than making them again."""

    def __init__(self):
        ours = map(apps.get_app_config, ("accounts", "scores", "imports", "moderation"))
        models = [model for app in ours for model in app.get_models()]
        self.rows = {model: list(model._base_manager.all()) for model in models}

    def begin_anew(self):
        with transaction.atomic(), connection.cursor() as cursor:
            for model in self.rows:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
            for model, rows in self.rows.items():
                model._base_manager.bulk_create(rows)


@pytest.fixture
def each_fault(monkeypatch, user):
    """Do it, and then plant each fault: what was found, and what a retry makes of it,
    is what there was before, or what is there when nothing fails."""

    def plant(act, retry):
        assert check_user(user.pk) == []
        before, world = state(user), World()
        with faults(monkeypatch) as statements:
            act()
        after = state(user)
        assert check_user(user.pk) == []  # and so is what equals it
        assert after != before
        assert statements.seen >= 10
        for dying in (False, True):
            for failing in statements.all_that_differ(dying):
                world.begin_anew()
                where = f"statement {failing}, {'dying' if dying else 'failing'}"
                with faults(monkeypatch, failing, dying):
                    fail(act)
                assert state(user) in (before, after), where
                retry()
                assert state(user) == after, where

    return plant


def state(user):
    completed = Import.objects.completed().values_list("service", flat=True)
    assert logged() == done()
    claims = ClassClaim.objects.filter(user=user).order_by("pk")
    became = [(each.withdrawn_at is None, each.kept_at is None) for each in claims]
    decided = ClassReview.objects.filter(user=user).order_by("pk")
    decisions = list(decided.values_list("decision", flat=True))
    return state_of(user), sorted(completed), became, decisions


def logged():
    """What the log and the notifications say was done, by verb."""
    log = Entry.objects.values_list("verb", flat=True)
    told = Notification.objects.values_list("kind", "imports")
    return {
        "cancel": sum(verb == "cancel" for verb in log),
        "revert": [sum(verb == "revert" for verb in log), of_kind(told, "reverted")],
        "restore": [sum(verb == "restore" for verb in log), of_kind(told, "restored")],
    }


def of_kind(told, wanted):
    return sum(imports for kind, imports in told if kind == wanted)


def done():
    """What was done: all of it by OPERATOR, so that players are told of all of it."""
    reverts = Revert.objects.count()
    restored = Revert.objects.exclude(restored_at=None).count()
    return {
        "cancel": Import.objects.filter(state=State.CANCELLED).count(),
        "revert": [reverts, reverts],
        "restore": [restored, restored],
    }


def fail(act):
    try:
        act()
    except Exception as error:
        assert isinstance(error, Fault) or "planted" in repr(error.__cause__)


@pytest.fixture
def charts():
    return [make_chart(), make_chart(), make_chart()]


@pytest.fixture
def history(user, charts):
    """Two imports that share a score, a session, and a class; the second one fills
    what the first left out of another score.
    """
    make_import(
        user,
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 9_500_000, NOON + HOUR),
        play(charts[1], 9_400_000),
        play(9999, 9_100_000, NOON),
        service="first",
        classes={"dan": "DAN_3"},
    )
    make_import(
        user,
        play(charts[0], 9_000_000, NOON + 5 * HOUR, comment="sent again"),
        play(charts[2], 9_700_000, NOON + 3 * HOUR),
        play(charts[1], 9_400_000, NOON + 2 * HOUR, comment="filled"),
        service="second",
    )


def test_an_import_happens_entirely_or_not_at_all(each_fault, user, charts, history):
    sent = document(
        play(charts[0], 9_900_000, NOON + 2 * HOUR),
        play(charts[1], 9_500_000, None, comment="it fills this"),
        play(charts[2], 9_800_000, NOON + 4 * HOUR),
        play(8888, 9_100_000, NOON),
        service="third",
        classes={"dan": "DAN_5"},
    )
    first = send(user, sent)

    def act(import_=first):
        taken = leases.take_now(import_.pk)
        if taken is not None:
            run(taken)

    def retry():
        """What the sweep does for a dead worker, or the player for a failed import."""
        import_ = Import.objects.get(pk=first.pk)
        if import_.state == State.RUNNING:
            past = timezone.now() - timezone.timedelta(minutes=1)
            Import.objects.filter(pk=import_.pk).update(lease_until=past)
        if import_.state == State.FAILED:
            assert import_.error_status == 500
            import_ = send(user, sent)
        act(import_)
        import_.refresh_from_db()
        assert import_.state == State.COMPLETED
        assert import_.counts["imported"] == 2
        assert Score.objects.filter(comment="it fills this").exists()

    each_fault(act, retry)


def test_an_import_at_once_happens_once_however_often_it_is_sent(
    each_fault, user, charts, history
):
    """What failed is sent again under its key."""
    sent = document(
        play(charts[0], 9_900_000, NOON + 2 * HOUR),
        play(charts[1], 9_500_000, None, comment="known"),
        play(8888, 9_100_000, NOON),
        service="third",
        classes={"dan": "DAN_5"},
    )
    payload = json.dumps(sent).encode()

    def act():
        submit(Sent(user, "ir/direct-manual", payload, key="one"), here=True)

    def retry():
        past = timezone.now() - timezone.timedelta(minutes=1)
        unfinished = Import.objects.unfinished()
        unfinished.update(lease_until=past, received_at=past)
        act()
        import_ = Import.objects.get(idempotency_key="one")
        assert import_.state == State.COMPLETED, import_.error_detail

    each_fault(act, retry)


@pytest.mark.parametrize("kind", ["csv", "xml"])
def test_an_import_of_a_file_happens_entirely_or_not_at_all(
    each_fault, user, charts, history, kind
):
    if kind == "csv":
        titles = [charts[0].song.title, charts[1].song.title, "Nobody's"]
        import_type = "file/eamusement-sdvx-csv"
        text = sdvx_csv(*[sdvx_row(title, 9_600_000) for title in titles])
    else:
        make_console_chart("Moon")
        import_type = "file/solid-state-squad"
        text = s3_xml(s3_song("Moon", 600), s3_song("Moon", 800), s3_song("Nobody's"))
    sent = Sent(user, import_type, text.encode())
    first = accept(sent, inline=True)

    def act(import_=first):
        taken = leases.take_now(import_.pk)
        if taken is not None:
            run(taken)

    def retry():
        import_ = Import.objects.get(pk=first.pk)
        past = timezone.now() - timezone.timedelta(minutes=1)
        Import.objects.filter(state=State.RUNNING).update(lease_until=past)
        if import_.state == State.FAILED:
            import_ = accept(sent, inline=True)
        act(import_)
        import_.refresh_from_db()
        assert (import_.counts["imported"], import_.counts["orphaned"]) == (2, 1)

    each_fault(act, retry)


def test_an_import_that_is_cancelled_leaves_nothing(each_fault, user, charts, history):
    """It is cancelled when that is asked once more, and then the next one runs."""
    first, second = (
        send(user, document(play(charts[2], score, NOON), service=f"sent {score}"))
        for score in (9_900_000, 9_950_000)
    )

    def act():
        taken = leases.take_now(first.pk)
        cancel_import(Import.objects.get(pk=first.pk), OPERATOR)
        if taken is not None:
            with suppress(leases.Superseded):
                run(taken)
        run_inline(Import.objects.get(pk=second.pk))

    def retry():
        past = timezone.now() - timezone.timedelta(minutes=1)
        running = Import.objects.filter(state=State.RUNNING)
        running.update(lease_until=past)
        with suppress(NotCancelled):
            cancel_import(Import.objects.get(pk=first.pk), OPERATOR)
        run_inline(Import.objects.get(pk=second.pk))
        assert Import.objects.get(pk=first.pk).state == State.CANCELLED

    each_fault(act, retry)


def test_a_retry_happens_entirely_or_not_at_all(
    each_fault, user, charts, history, settings, monkeypatch
):
    settings.IMPORT_INLINE = True
    sent = send(user, document(play(charts[2], 9_900_000, NOON), service="sent"))
    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", None)
        assert run_inline(sent).state == State.FAILED

    def act():
        retry_import(Import.objects.get(pk=sent.pk), OPERATOR)

    def retry():
        import_ = Import.objects.get(pk=sent.pk)
        logged = Entry.objects.filter(verb="retry").exists()
        assert logged or import_.state == State.FAILED
        past = timezone.now() - timezone.timedelta(minutes=1)
        Import.objects.filter(state=State.RUNNING).update(lease_until=past)
        act() if import_.state == State.FAILED else run_inline(import_)

    each_fault(act, retry)


@pytest.mark.parametrize("restoring", [False, True])
def test_a_step_of_a_batch_happens_entirely_or_not_at_all(
    each_fault, user, history, restoring
):
    """The revert, or the restore, its outcome, and how far the job is."""
    batch = confirmed(drafted(*Import.objects.filter(user=user)))
    if restoring:
        control.restore(run_to_end(batch), OPERATOR)
    job = job_leases.take(Job.objects.filter(kind=KIND).latest("pk").pk)

    def done():
        return batch.outcomes.filter(done_at__isnull=False).count()

    def act():
        step(job)

    def retry():
        if not done():
            act()
        assert done() == 1
        state = "restored" if restoring else "reverted"
        assert batch.outcomes.get(done_at__isnull=False).state == state

    each_fault(act, retry)


def revert(service, by=OPERATOR):
    revert_import(Import.objects.get(service=service), by)


def restore(service):
    restore_import(Import.objects.get(service=service), OPERATOR)


@pytest.mark.parametrize("service", ["first", "second"])
def test_a_revert_happens_entirely_or_not_at_all(each_fault, history, service):
    each_fault(lambda: revert(service), lambda: revert(service))


@pytest.mark.parametrize("service", ["first", "second"])
def test_a_restore_happens_entirely_or_not_at_all(each_fault, history, service):
    revert(service)
    each_fault(lambda: restore(service), lambda: restore(service))


@pytest.fixture
def mended(history):
    """The song of an orphan of the first import is known by now."""
    make_chart(song=make_song(song_id=9999))
    return Import.objects.get(service="first")


def test_an_import_is_run_again_entirely_or_not_at_all(each_fault, mended):
    def act():
        run_again(mended, OPERATOR)

    each_fault(act, act)
    assert Import.objects.get(rerun_of=mended).counts["orphaned"] == 0


def test_a_run_is_undone_entirely_or_not_at_all(each_fault, mended):
    run_again(mended, OPERATOR)

    def act():
        restore_import(mended, OPERATOR)

    each_fault(act, act)
    assert not Import.objects.exclude(rerun_of=None).exists()


@pytest.mark.parametrize("verb", ["revert", "restore"])
def test_a_preview_that_fails_leaves_nothing_and_can_be_repeated(
    monkeypatch, user, history, verb
):
    imports = list(Import.objects.order_by("pk"))
    act = partial(preview_reverts, user.pk, imports)
    if verb == "restore":
        for service in ("second", "first"):
            revert(service)
        act = partial(preview_restores, user.pk, imports)
    rows = all_rows()
    with faults(monkeypatch) as statements:
        told = act()
    assert told["scores"]["list"]
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            with faults(monkeypatch, failing, dying):
                fail(act)
            assert all_rows() == rows, f"statement {failing}"
    assert act() == told


def test_a_revert_as_shown_happens_entirely_or_not_at_all(each_fault, user, history):
    import_ = Import.objects.get(service="second")
    shown = preview_reverts(user.pk, [import_])["fingerprint"]

    def act():
        revert_import(import_, OPERATOR, fingerprint=shown)

    each_fault(act, act)


@pytest.fixture
def with_classes():
    batch = RevertBatch.objects.create(origin="command", withdraw_classes=True)
    return replace(OPERATOR, batch=batch)


def test_a_revert_and_its_classes_happen_entirely_or_not_at_all(
    each_fault, history, with_classes
):
    each_fault(
        lambda: revert("first", with_classes), lambda: revert("first", with_classes)
    )
    assert ClassReview.objects.count() == 1


def test_a_restore_and_its_classes_happen_entirely_or_not_at_all(
    each_fault, history, with_classes
):
    revert("first", with_classes)
    each_fault(lambda: restore("first"), lambda: restore("first"))
    assert ClassReview.objects.count() == 2


@pytest.mark.parametrize(
    ("decide", "before"), [(withdraw, []), (keep, []), (reinstate, [withdraw])]
)
def test_a_decision_on_a_class_happens_entirely_or_not_at_all(
    each_fault, history, decide, before
):
    revert("first")
    for each in before:
        each(ClassClaim.objects.get(), OPERATOR)

    def act():
        decide(ClassClaim.objects.get(), OPERATOR)

    each_fault(act, act)
    assert ClassReview.objects.count() == len(before) + 1


def test_a_deletion_happens_entirely_or_not_at_all(each_fault, charts, history):
    def act():
        score = Score.objects.filter(chart=charts[0]).first()
        if score is not None:
            delete_score(score, block=True)

    each_fault(act, act)


def test_an_edit_happens_entirely_or_not_at_all(each_fault, charts, history):
    def act():
        edit_score(Score.objects.get(chart=charts[0]), highlight=True)

    each_fault(act, act)


def test_an_account_is_deleted_entirely_or_not_at_all(monkeypatch, user, history):
    revert("first")
    send(user, document(play(9999)))
    ContentType.objects.get_for_models(User, ApiToken)  # are remembered, as in a site

    def rows():
        named = [model._base_manager.filter(**{key: user}) for model, key in OF_MODELS]
        return [rows.count() for rows in named]

    before, world, there = state(user), World(), rows()
    with faults(monkeypatch) as statements:
        delete_user(user)
    assert not any(rows())
    world.begin_anew()
    # What is deleted not at all is there to be deleted again.
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            with faults(monkeypatch, failing, dying):
                fail(lambda: delete_user(User.objects.get(pk=user.pk)))
            where = f"statement {failing}, {'dying' if dying else 'failing'}"
            assert rows() == there, where
    assert state(user) == before
    delete_user(user)
    assert not any(rows())


def test_orphans_become_scores_entirely_or_not_at_all(each_fault, user, charts):
    make_import(
        user,
        play(charts[0], 9_000_000, NOON),
        play(UNKNOWN_SONG, 9_200_000, NOON + HOUR),
    )
    assert Orphan.objects.exists()
    make_chart(song=make_song(song_id=UNKNOWN_SONG))

    def act():
        reprocess(user)

    each_fault(act, act)


def test_a_play_of_a_hook_happens_entirely_or_not_at_all(
    each_fault, user, api, monkeypatch
):
    """The hook sends it once more where it got no answer, else a sweep runs it."""
    monkeypatch.setattr("imports.read.received_at", lambda import_: NOON)
    make_iidx_chart()
    token = make_token(user, "submit_score")
    sent = fervidex_play(highlight=True)

    def act():
        api.post(hooks.SCORE, sent, token=token, headers=hooks.FERVIDEX)

    def retry():
        unfinished = Import.objects.unfinished()
        past = timezone.now() - timezone.timedelta(minutes=1)
        unfinished.filter(state=State.RUNNING).update(lease_until=past)
        for import_ in list(unfinished):
            run_inline(import_)
        if not Import.objects.completed().exists():
            act()

    each_fault(act, retry)


def test_a_switch_goes_off_with_the_profile_that_is_kept(user, api, monkeypatch):
    token = make_token(user, "submit_score")
    HookSettings.objects.create(user=user, hook="fervidex", force_static_import=True)
    world = World()

    def act():
        api.post(hooks.PROFILE, profile(), token=token, headers=hooks.FERVIDEX)

    def found():
        kept = ImportInput.objects.values_list("parameters__scores", flat=True)
        return HookSettings.objects.get().force_static_import, list(kept)

    with faults(monkeypatch) as statements:
        act()
    assert found() == (False, [True])
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            world.begin_anew()
            with faults(monkeypatch, failing, dying):
                fail(act)
            assert found() in ((True, []), (False, [True]))
            act()
            wanted = found()[1]
            assert (found()[0], wanted.count(True)) == (False, 1)


def test_an_orphan_is_discarded_entirely_or_not_at_all(each_fault, user, history):
    def act():
        for orphan in Orphan.objects.filter(user=user):
            discard(orphan)

    each_fault(act, act)
