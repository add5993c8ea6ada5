"""Documents of what somebody did: in the admin, and by the moderation log."""

from django.contrib.admin.models import LogEntry

from imports.export.documents import Document
from tachi.api.times import milliseconds
from tachi.moderation.models import Entry


def log_entry(entry: LogEntry) -> Document:
    """What the user did in the admin."""
    return {
        "time": milliseconds(entry.action_time),
        "object": entry.object_repr,
        "action": entry.get_action_flag_display(),
        "message": entry.get_change_message(),
    }


def moderation(entry: Entry) -> Document:
    """What somebody did to what is the user's, or the user to what is others'.

    Without the note, which is for moderators. `by` is the id of who did it.
    """
    return {
        "time": milliseconds(entry.at),
        "by": entry.by_id,
        "origin": entry.origin,
        "verb": entry.verb,
        "subject": entry.subject_kind,
        "subjectID": entry.subject_id,
        "text": entry.subject_text,
        "userID": entry.player_id,
        "reason": entry.reason,
        "batchID": entry.batch_id or None,
        "details": entry.details,
    }
