"""The real backend is terminated before, and in, every statement of every verb."""

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django_q.models import OrmQ

from imports.models import Import, ImportInput, Orphan, State
from imports.pipeline import Sent, accept
from imports.undo.restore import restore_import
from scores.derived.integrity import check_user
from scores.models import Score
from tests.attacks.backends import COPY, dozing, terminating
from tests.attacks.queued import bring_to_an_end, let_time_pass, work_on
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_song,
    play,
    send,
)
from tests.imports import hooks
from tests.imports.files import make_console_chart, s3_song, s3_xml, sdvx_csv, sdvx_row
from tests.imports.queue.answers import is_unavailable
from tests.imports.queue.worlds import World, state
from tests.imports.site import DIRECT, FILE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,
]
UNKNOWN_SONG = 7777


@pytest.fixture
def charts():
    return [make_chart(), make_chart(), make_chart()]


@pytest.fixture
def history(player, charts):
    """Two imports that share a score, a session, and a class."""
    make_import(
        player.user,
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 9_500_000, NOON + HOUR),
        play(9999, 9_100_000, NOON),
        service="first",
        classes={"dan": "DAN_3"},
    )
    make_import(
        player.user,
        play(charts[0], 9_000_000, NOON + 5 * HOUR, comment="sent again"),
        play(charts[2], 9_700_000, NOON + 3 * HOUR),
        service="second",
    )


@pytest.fixture
def third(charts):
    return document(
        play(charts[0], 9_900_000, NOON + 2 * HOUR),
        play(charts[1], 9_500_000, None, comment="known"),
        play(charts[2], 9_800_000, NOON + 4 * HOUR),
        play(8888, 9_100_000, NOON),
        service="third",
        classes={"dan": "DAN_5"},
    )


@pytest.fixture(params=["before", "during"])
def each_termination(request, monkeypatch, player):
    """Do it, and then do it with each statement attacked: before or after, never
    between; and once the database is there again, it is done by `retry`. `only` those
    that contain one of these texts."""

    def attack(act, retry, found=lambda: state(player.user), only=("",)):
        before, world = found(), World()
        with terminating(monkeypatch) as plain:
            act()
        assert check_user(player.user.pk) == []
        after = found()
        assert after != before
        tables = {copy[1] for copy in map(COPY.match, plain.seen) if copy}
        with dozing(tables):
            for at, sql in enumerate(plain.seen, 1):
                if not any(part in sql for part in only):
                    continue
                world.begin_anew()
                with terminating(monkeypatch, at, request.param) as termination:
                    act()
                connection.close_if_unusable_or_obsolete()
                where = f"{request.param} statement {at}: {termination.victim[:90]}"
                assert found() in (before, after), where
                retry(termination)
                assert found() == after, where

    return attack


def through_the_api(act, *good):
    """The request, and its repetition where its answer was lost, or was not given."""

    def once():
        connection.close_if_unusable_or_obsolete()
        answer = act()
        if not is_unavailable(answer):
            assert answer.status_code in good, answer.content

    return once, lambda termination: once()


def test_an_import_completes_wherever_its_connection_is_lost(
    each_termination, player, settings, history, third
):
    sent = send(player.user, third)
    settings.IMPORT_ATTEMPTS = 1  # so that one that counted would be the last

    def retry(termination):
        settings.IMPORT_ATTEMPTS = 2 if termination.loses_an_answer else 1
        import_ = bring_to_an_end(Import.objects.get(pk=sent.pk))
        assert import_.state == State.COMPLETED, (
            termination.victim,
            import_.error_text,
            import_.error_detail[-300:],
        )
        assert import_.counts["imported"] == 2

    each_termination(lambda: work_on(sent), retry)


@pytest.mark.parametrize("kind", ["csv", "xml"])
@pytest.mark.parametrize("each_termination", ["during"], indirect=True)
def test_a_file_completes_wherever_its_connection_is_lost(
    each_termination, player, charts, kind
):
    if kind == "csv":
        titles = [charts[0].song.title, charts[1].song.title, "Nobody's"]
        import_type = "file/eamusement-sdvx-csv"
        text = sdvx_csv(*[sdvx_row(title, 9_600_000) for title in titles])
    else:
        make_console_chart("Moon")
        import_type = "file/solid-state-squad"
        text = s3_xml(s3_song("Moon", 600), s3_song("Moon", 800), s3_song("Nobody's"))
    sent = accept(Sent(player.user, import_type, text.encode()), inline=False)

    def retry(termination):
        import_ = bring_to_an_end(Import.objects.get(pk=sent.pk))
        assert import_.state == State.COMPLETED, termination.victim
        assert (import_.counts["imported"], import_.counts["orphaned"]) == (2, 1)

    # The other statements are those of every import.
    each_termination(lambda: work_on(sent), retry, only=["_chart"])


@pytest.mark.parametrize("each_termination", ["during"], indirect=True)
def test_a_play_of_a_hook_is_imported_once_or_answered_with_503(
    each_termination, player, monkeypatch
):
    """The hook sends it once more where it got no answer, else a sweep runs it."""
    monkeypatch.setattr("imports.read.received_at", lambda import_: NOON)
    hooks.make_iidx_chart()

    def play_once():
        sent = hooks.fervidex_play(highlight=True)
        return player.ask("POST", hooks.SCORE, sent, **hooks.FERVIDEX)

    once, _ = through_the_api(play_once, 200, 202)

    def retry(termination):
        for import_ in Import.objects.unfinished():
            bring_to_an_end(import_)
        if not Import.objects.completed().exists():
            once()

    each_termination(once, retry, only=["INSERT", "COPY", "COMMIT"])


def test_a_lost_connection_costs_no_attempt_however_often(
    monkeypatch, player, settings, third
):
    """Five times at the statement that writes the scores; three would be too many."""
    settings.IMPORT_ATTEMPTS = 3
    sent = send(player.user, third)
    for _ in range(5):
        with terminating(monkeypatch, "COPY") as termination:
            work_on(sent)
        assert termination.victim.startswith("COPY")
        sent.refresh_from_db()
        assert sent.state == State.QUEUED, sent.error_detail[-500:]
        let_time_pass(sent)
    assert bring_to_an_end(sent).state == State.COMPLETED


@pytest.mark.parametrize("address", [FILE, DIRECT])
def test_an_upload_is_accepted_or_answered_with_503(
    each_termination, player, third, address
):
    submit = player.upload if address == FILE else player.submit
    once, _ = through_the_api(lambda: submit(third), 202)

    def retry(termination):
        if not accepted():
            once()

    each_termination(once, retry, accepted)


def accepted():
    """What came of a request to import: the row, what was sent, and the wake-up."""
    imports = Import.objects.count()
    assert imports == ImportInput.objects.count() == OrmQ.objects.count()
    return imports


def test_a_revert_is_done_or_answered_with_503(each_termination, player, history):
    first = Import.objects.get(service="first")
    each_termination(*through_the_api(lambda: player.revert(first), 200, 404))


def test_a_restore_is_done_or_not(each_termination, player, history):
    first = Import.objects.get(service="first")
    assert player.revert(first).status_code == 200

    def act(termination=None):
        try:
            restore_import(first, OPERATOR)
        except (DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()

    each_termination(act, act)


def test_a_deletion_is_done_or_answered_with_503(
    each_termination, player, charts, history
):
    score = Score.objects.filter(chart=charts[0]).first()
    each_termination(
        *through_the_api(lambda: player.delete(score, blacklist=True), 200, 404)
    )


def test_an_edit_is_done_or_answered_with_503(
    each_termination, player, charts, history
):
    score = Score.objects.get(chart=charts[0])
    each_termination(*through_the_api(lambda: player.edit(score, highlight=True), 200))


def test_orphans_are_tried_again_or_answered_with_503(each_termination, player, charts):
    make_import(
        player.user,
        play(charts[0], 9_000_000, NOON),
        play(UNKNOWN_SONG, 9_200_000, NOON + HOUR),
    )
    assert Orphan.objects.exists()
    make_chart(song=make_song(song_id=UNKNOWN_SONG))
    each_termination(*through_the_api(player.retry_orphans, 200))
