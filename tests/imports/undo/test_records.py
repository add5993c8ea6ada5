"""What is left of reverts and restores: the log, and word to the player."""

import pytest

from imports.models import RequestedBy
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
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
