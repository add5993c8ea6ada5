"""What is left of reverts and restores: the log, and word to the player."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import RequestedBy, Revert, RevertBatch
from imports.undo.records import record_reverts
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tachi.api.times import milliseconds
from tachi.moderation.models import Entry, Notification
from tests.factories import make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db


def test_a_revert_and_a_restore_are_logged_with_who_and_why(user):
    boss = make_user("boss")
    import_ = make_import(user, play(make_chart()))
    by = RequestedBy(boss, "admin", "wrong charts", note="third time")

    revert_import(import_, by)
    restore_import(import_, by)

    restored, reverted = Entry.objects.order_by("-id")
    for entry, verb in ((reverted, "revert"), (restored, "restore")):
        assert entry.verb == verb
        assert (entry.by, entry.by_name, entry.origin) == (boss, "boss", "admin")
        assert (entry.player, entry.player_name) == (user, user.username)
        assert (entry.reason, entry.note) == ("wrong charts", "third time")
        assert (entry.subject_kind, entry.subject_id) == ("import", import_.import_id)
        assert entry.details["scores"] == 1
    assert Notification.objects.count() == 2


def test_reverts_of_one_batch_that_are_recorded_together(user, settings):
    """The notice says until when all of it can come back."""
    batch = RevertBatch.objects.create(origin="command", reason="why")
    by = RequestedBy(None, "command", "why", batch)
    reverts = []
    for days in (1, 3, 2):
        import_ = make_import(user, play(make_chart()))
        at = timezone.now() - timedelta(days=days)
        reverts.append(
            Revert(of_import=import_, batch=batch, reverted_at=at, score_count=days)
        )

    with CaptureQueriesContext(connection) as found, transaction.atomic():
        record_reverts(by, reverts)

    assert len([each for each in found if "moderation_" in each["sql"]]) == 2
    notice = Notification.objects.get()
    assert (notice.imports, notice.scores) == (3, 6)
    first = min(each.reverted_at for each in reverts)
    until = milliseconds(first + timedelta(days=settings.RESTORE_DAYS))
    assert notice.content == {
        "batchID": batch.batch_id,
        "reason": "why",
        "restorableUntil": until,
    }
    assert set(Entry.objects.values_list("batch_id", flat=True)) == {batch.batch_id}
    assert Entry.objects.count() == 3
